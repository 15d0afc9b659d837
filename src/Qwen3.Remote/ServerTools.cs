using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Qwen3.Chat.Prompts;

namespace Qwen3.Remote;

/// <summary>The functions on offer, and whether they must be called, in the words of a server.</summary>
internal static class ServerTools
{
    /// <summary>The functions on offer in JSON, each to the letter as the model's prompt has it.</summary>
    /// <param name="options">The request's own settings.</param>
    /// <param name="hasNamedChoice">Whether the server can be told which function to call; otherwise that is the only one on offer.</param>
    /// <exception cref="ArgumentException">A call is required of a function that is not offered.</exception>
    /// <exception cref="NotSupportedException">A tool is no function.</exception>
    public static string[] Offered(ChatOptions? options, bool hasNamedChoice)
    {
        IEnumerable<AITool> tools = options?.Tools ?? [];
        if (RequiredName(options) is { } name)
        {
            if (!tools.Any(tool => tool.Name == name))
            {
                throw new ArgumentException(
                    $"A call of the function '{name}' is required, and it is not among the tools. Add it to {nameof(ChatOptions)}.{nameof(ChatOptions.Tools)}.",
                    nameof(options));
            }

            tools = hasNamedChoice ? tools : tools.Where(tool => tool.Name == name);
        }

        return [.. tools.Select(ToolText.Of)];
    }

    /// <param name="raw">The request, with what the caller has set in it.</param>
    /// <param name="fields">Its further members.</param>
    /// <param name="traits">What the server takes.</param>
    /// <param name="options">The request's own settings.</param>
    /// <param name="hasToolParser">Whether the server reads calls; if not, it is not asked to.</param>
    /// <inheritdoc cref="Offered" path="/exception"/>
    public static void Add(ChatCompletionOptions raw, ServerFields fields, ServerTraits traits, ChatOptions? options, bool hasToolParser)
    {
        string[] offered = Offered(options, traits.HasNamedToolChoice);
        if (offered.Length == 0)
        {
            return;
        }

        // Not by way of the SDK, which has an order and members of its own: some servers put what they are sent into the prompt as it is.
        IEnumerable<string> own = raw.Tools.Select(tool => ((IPersistableModel<ChatTool>)tool).Write(ModelReaderWriterOptions.Json).ToString());
        fields.Add("tools", Encoding.UTF8.GetBytes($"[{string.Join(',', own.Concat(offered))}]"));
        // Some versions of llama-server allow one call at a time unless they are told otherwise.
        raw.AllowParallelToolCalls ??= options!.AllowMultipleToolCalls ?? true;
        if (raw.ToolChoice is null)
        {
            fields.Add("tool_choice", Encoding.UTF8.GetBytes(Choice(options!, traits, hasToolParser)));
        }
    }

    private static string Choice(ChatOptions options, ServerTraits traits, bool hasToolParser) => options.ToolMode switch
    {
        RequiredChatToolMode when traits.HasNamedToolChoice && RequiredName(options) is { } name =>
            $$$"""{"type":"function","function":{"name":"{{{JsonEncodedText.Encode(name)}}}"}}""",
        RequiredChatToolMode => "\"required\"",
        NoneChatToolMode => "\"none\"",
        // The model sees the tools all the same, and its calls are read out of the text.
        _ => hasToolParser ? "\"auto\"" : "\"none\"",
    };

    private static string? RequiredName(ChatOptions? options) => (options?.ToolMode as RequiredChatToolMode)?.RequiredFunctionName;
}
