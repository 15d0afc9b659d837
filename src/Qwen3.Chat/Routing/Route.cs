using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Format;

namespace Qwen3.Chat.Routing;

/// <summary>The model that a request goes to, and what is sent.</summary>
/// <param name="Thinks">Whether it is the thinking model.</param>
/// <param name="Messages">The messages, without switches at their ends.</param>
/// <param name="Options">The options, which do not turn the thinking model's thinking off.</param>
internal sealed record Route(bool Thinks, IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)
{
    // A property of the call, which comes back in the history as it is. Its message may be rebuilt.
    private const string CallerThinks = "qwen3_caller_thinks";

    /// <exception cref="ArgumentException">The request's budget is not a number of tokens.</exception>
    public static Route For(IEnumerable<ChatMessage> messages, ChatOptions? options, bool thinksByDefault)
    {
        string instructions = options?.Instructions ?? "";
        bool? switched = SoftSwitch.AtEnd("", instructions, out instructions);
        List<ChatMessage> stripped = [];
        foreach (ChatMessage message in messages)
        {
            stripped.Add(WithoutSwitches(message, out bool? thinks));
            switched = thinks ?? switched;
        }

        bool result = CallerOfLastResults(stripped) ?? switched ?? RequestedThinking(options) ?? thinksByDefault;
        return new(result, stripped, Adapt(options, instructions, result));
    }

    /// <summary>Records on calls which model made them.</summary>
    public void Mark(IEnumerable<AIContent> contents)
    {
        foreach (FunctionCallContent call in contents.OfType<FunctionCallContent>())
        {
            (call.AdditionalProperties ??= [])[CallerThinks] = Thinks;
        }
    }

    private static bool? CallerOfLastResults(List<ChatMessage> messages)
    {
        if (messages is not [.., { } last] || !last.Contents.Any(content => content is FunctionResultContent))
        {
            return null;
        }

        FunctionCallContent? call =
            messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().LastOrDefault();
        return call?.AdditionalProperties?.GetValueOrDefault(CallerThinks) switch
        {
            bool thinks => thinks,
            // From a deserialized history.
            JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } thinks => thinks.GetBoolean(),
            _ => null,
        };
    }

    private static bool? RequestedThinking(ChatOptions? options) =>
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
        // Some clients send the raw representation in place of the message.
        stripped.RawRepresentation = null;
        stripped.Contents = [.. message.Contents];
        int index = stripped.Contents.IndexOf(text);
        if (rest.Length == 0 && stripped.Contents.Count > 1)
        {
            stripped.Contents.RemoveAt(index);
        }
        else
        {
            stripped.Contents[index] = new TextContent(rest)
            {
                AdditionalProperties = text.AdditionalProperties,
                Annotations = text.Annotations,
            };
        }

        return stripped;
    }

    private static string TextBefore(ChatMessage message, TextContent text) =>
        string.Join(
            '\n', message.Contents.OfType<TextContent>().TakeWhile(part => part != text).Select(part => part.Text));

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
