using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Format;

namespace Qwen3.Chat.Routing;

/// <summary>Where a request goes, and as what.</summary>
/// <param name="Thinks">Whether to the model that thinks.</param>
/// <param name="Messages">The messages, without switches at their ends.</param>
/// <param name="Options">The options, which do not keep the model that thinks from thinking.</param>
internal sealed record Route(bool Thinks, IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)
{
    // Stands on the call, which comes back in the history as it is: its message may be put together anew.
    private const string CallerThinks = "qwen3_caller_thinks";

    /// <exception cref="ArgumentException">The request's budget is no number of tokens.</exception>
    public static Route Of(IEnumerable<ChatMessage> messages, ChatOptions? options, bool thinksByDefault)
    {
        string instructions = options?.Instructions ?? "";
        bool? switched = SoftSwitch.AtEnd("", instructions, out instructions);
        List<ChatMessage> stripped = [];
        foreach (ChatMessage message in messages)
        {
            stripped.Add(WithoutSwitches(message, out bool? thinks));
            switched = thinks ?? switched;
        }

        bool result = WhoseCallsAreAnswered(stripped) ?? switched ?? WhatIsAskedFor(options) ?? thinksByDefault;
        return new(result, stripped, Adapt(options, instructions, result));
    }

    /// <summary>Notes on the calls that a model made which model it was.</summary>
    public void Mark(IEnumerable<AIContent> contents)
    {
        foreach (FunctionCallContent call in contents.OfType<FunctionCallContent>())
        {
            (call.AdditionalProperties ??= [])[CallerThinks] = Thinks;
        }
    }

    private static bool? WhoseCallsAreAnswered(List<ChatMessage> messages)
    {
        if (messages is not [.., { } last] || !last.Contents.Any(content => content is FunctionResultContent))
        {
            return null;
        }

        FunctionCallContent? call = messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().LastOrDefault();
        return call?.AdditionalProperties?.GetValueOrDefault(CallerThinks) switch
        {
            bool thinks => thinks,
            // From a history that was stored.
            JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } thinks => thinks.GetBoolean(),
            _ => null,
        };
    }

    private static bool? WhatIsAskedFor(ChatOptions? options) =>
        options is null ? null
        : AdditionalOptions.Integer(options, Qwen3OptionNames.ThinkingBudget) is { } budget ? budget != 0
        : options.Reasoning?.Effort is { } effort ? effort != ReasoningEffort.None
        : null;

    private static ChatMessage WithoutSwitches(ChatMessage message, out bool? thinks)
    {
        thinks = null;
        if (!SoftSwitch.AppliesTo(message.Role) ||
            message.Contents.OfType<TextContent>().LastOrDefault() is not { } text ||
            (thinks = SoftSwitch.AtEnd(TextBefore(message, text), text.Text, out string rest)) is null)
        {
            return message;
        }

        ChatMessage stripped = message.Clone();
        // Some clients send what a message was made from, where they made it.
        stripped.RawRepresentation = null;
        stripped.Contents = [.. message.Contents];
        int index = stripped.Contents.IndexOf(text);
        if (rest.Length == 0 && stripped.Contents.Count > 1)
        {
            stripped.Contents.RemoveAt(index);
        }
        else
        {
            stripped.Contents[index] = new TextContent(rest) { AdditionalProperties = text.AdditionalProperties, Annotations = text.Annotations };
        }

        return stripped;
    }

    private static string TextBefore(ChatMessage message, TextContent text) =>
        string.Join('\n', message.Contents.OfType<TextContent>().TakeWhile(content => content != text).Select(content => content.Text));

    private static ChatOptions? Adapt(ChatOptions? options, string instructions, bool thinks)
    {
        if (options?.Clone() is not { } adapted)
        {
            return null;
        }

        adapted.Instructions = options.Instructions is null ? null : instructions;
        if (thinks && options.Reasoning?.Effort == ReasoningEffort.None)
        {
            adapted.Reasoning = new() { Output = options.Reasoning.Output };
        }

        if (thinks && AdditionalOptions.Integer(options, Qwen3OptionNames.ThinkingBudget) == 0)
        {
            adapted.AdditionalProperties = options.AdditionalProperties!.Clone();
            adapted.AdditionalProperties.Remove(Qwen3OptionNames.ThinkingBudget);
        }

        return adapted;
    }
}
