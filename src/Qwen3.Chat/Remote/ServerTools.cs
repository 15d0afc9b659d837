using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Qwen3.Chat.Prompts;

namespace Qwen3.Chat.Remote;

/// <summary>The functions on offer, and whether they must be called, in the words of one server.</summary>
internal static class ServerTools
{
    private const string Opening = "\n<tools>\n", Closing = "\n</tools>\n";

    /// <param name="raw">The request, with what the caller has set in it.</param>
    /// <param name="fields">Its further members.</param>
    /// <param name="traits">What the server takes.</param>
    /// <param name="options">The request's own settings.</param>
    /// <param name="hasToolParser">Whether the server reads calls; if not, it is not asked to.</param>
    /// <exception cref="ArgumentException">A call is required of a function that is not offered.</exception>
    /// <exception cref="NotSupportedException">A tool is no function.</exception>
    public static void Add(ChatCompletionOptions raw, ServerFields fields, ServerTraits traits, ChatOptions? options, bool hasToolParser)
    {
        IList<AITool> tools = options?.Tools ?? [];
        string? required = (options?.ToolMode as RequiredChatToolMode)?.RequiredFunctionName;
        if (required is not null && !tools.Any(tool => tool.Name == required))
        {
            throw new ArgumentException(
                $"A call of the function '{required}' is required, and it is not among the tools. Add it to {nameof(ChatOptions)}.{nameof(ChatOptions.Tools)}.",
                nameof(options));
        }

        if (tools.Count == 0)
        {
            return;
        }

        bool isNamed = required is not null && traits.HasNamedToolChoice;
        // Not by way of the SDK, which has an order and members of its own: some servers show the model what they are sent, as it is.
        IEnumerable<string> own = raw.Tools.Select(tool => ((IPersistableModel<ChatTool>)tool).Write(ModelReaderWriterOptions.Json).ToString());
        IEnumerable<string> offered = Lines(required is null || isNamed ? tools : tools.Where(tool => tool.Name == required));
        fields.Add("tools", Encoding.UTF8.GetBytes($"[{string.Join(',', own.Concat(offered))}]"));
        // Some versions of llama-server allow one call at a time unless they are told otherwise.
        raw.AllowParallelToolCalls ??= options!.AllowMultipleToolCalls ?? true;
        if (raw.ToolChoice is null)
        {
            fields.Add("tool_choice", Encoding.UTF8.GetBytes(Choice(options!.ToolMode, isNamed ? required : null, hasToolParser)));
        }
    }

    /// <summary>Each as it is a line of the model's prompt.</summary>
    private static string[] Lines(IEnumerable<AITool> tools)
    {
        string text = ToolText.Of(tools);
        int start = text.IndexOf(Opening, StringComparison.Ordinal) + Opening.Length;
        return text[start..text.IndexOf(Closing, start, StringComparison.Ordinal)].Split('\n');
    }

    private static string Choice(ChatToolMode? mode, string? name, bool hasToolParser) => mode switch
    {
        RequiredChatToolMode when name is not null => $$$"""{"type":"function","function":{"name":"{{{JsonEncodedText.Encode(name)}}}"}}""",
        RequiredChatToolMode => "\"required\"",
        NoneChatToolMode => "\"none\"",
        // The model sees the tools all the same, and its calls are read out of the text.
        _ => hasToolParser ? "\"auto\"" : "\"none\"",
    };
}
