using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel.ChatCompletion;
using SK = Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>
/// Makes text or JSON of the values that functions return, before a prompt needs them: in bounded size, cancellable,
/// and with an error that the model reads where a value has no such form.
/// </summary>
/// <param name="logger">The log of values that have no form, and of results that are cut.</param>
/// <param name="limit">The number of characters of a result that the model reads.</param>
internal sealed partial class FunctionResults(ILogger logger, Func<int> limit)
{
    /// <summary>The limit where the size of the context is unknown, and the greatest one.</summary>
    public const int MaxLimit = 100_000;

    // No result up to this length is cut, however small the context.
    private const int MinLimit = 4_096;

    // JSON has no number for some results; the model reads "NaN" then.
    private static readonly JsonSerializerOptions s_json = new(AIJsonUtilities.DefaultOptions)
    {
        NumberHandling =
            AIJsonUtilities.DefaultOptions.NumberHandling | JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = false,
    };

    /// <summary>The limit for a context: about half of it, for results in English.</summary>
    public static int LimitFor(int? contextSize) =>
        contextSize is { } size ? (int)Math.Clamp(2L * size, MinLimit, MaxLimit) : MaxLimit;

    /// <summary>Replaces results by their text or JSON.</summary>
    /// <param name="contents">The contents, among them the results.</param>
    /// <param name="tools">The functions that the results may be of.</param>
    /// <param name="nameOf">Finds the name of the function by the call's id.</param>
    /// <param name="cancellationToken">Ends the reading of a result.</param>
    public async ValueTask ReplaceAsync(
        IEnumerable<AIContent> contents,
        IEnumerable<AITool>? tools,
        Func<string, string?> nameOf,
        CancellationToken cancellationToken)
    {
        foreach (AIContent content in contents)
        {
            if (content is FunctionResultContent { Result: not (null or Exception) } result)
            {
                string? name = nameOf(result.CallId);
                JsonSerializerOptions? options = tools
                    ?.FirstOrDefault(tool => tool.Name == name)
                    ?.GetService<AIFunction>()
                    ?.JsonSerializerOptions;
                await ReplaceAsync(result, name ?? "the function", options, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Replaces results in a history, so that a stream is read once however often the history is sent.
    /// </summary>
    public async ValueTask ReplaceAsync(
        ChatHistory history,
        IEnumerable<AITool>? tools,
        CancellationToken cancellationToken)
    {
        foreach (SK.ChatMessageContent message in history)
        {
            for (int i = 0; i < message.Items.Count; i++)
            {
                if (message.Items[i] is SK.FunctionResultContent content && !IsText(content.Result))
                {
                    FunctionResultContent result = new(content.CallId ?? "", content.Result);
                    string name = FunctionNames.Join(content.PluginName, content.FunctionName ?? "");
                    try
                    {
                        await ReplaceAsync([result], tools, _ => name, cancellationToken).ConfigureAwait(false);
                    }
                    finally
                    {
                        message.Items[i] = new SK.FunctionResultContent(
                            content.FunctionName,
                            content.PluginName,
                            content.CallId,
                            result.Result)
                        {
                            InnerContent = result.Exception is null ? content.InnerContent : result,
                            Metadata = content.Metadata,
                            ModelId = content.ModelId,
                            MimeType = content.MimeType,
                        };
                    }
                }
            }
        }
    }

    /// <summary>Makes text or JSON of one value.</summary>
    public async ValueTask<object?> CreateAsync(
        object? value,
        string name,
        JsonSerializerOptions? options,
        CancellationToken cancellationToken)
    {
        if (value is null)
        {
            return null;
        }

        FunctionResultContent result = new("", value);
        await ReplaceAsync(result, name, options, cancellationToken).ConfigureAwait(false);
        return result.Result;
    }

    private bool IsText(object? result) =>
        result is null or Exception || (result is string text && text.Length <= MinLimit);

    private async ValueTask ReplaceAsync(
        FunctionResultContent content,
        string name,
        JsonSerializerOptions? options,
        CancellationToken cancellationToken)
    {
        object? value = Unwrap(content.Result);
        try
        {
            content.Result = value switch
            {
                null or JsonElement { ValueKind: JsonValueKind.Undefined } => null,
                string or JsonElement => Bound(value, name),
                _ when ContentText.Create(value) is { } text => Bound(text, name),
                // Code of the app runs here, which may neither return nor heed the token; the request ends without it
                // then.
                _ => await Task.Run(() => ReadAsync(value, name, options, cancellationToken), cancellationToken)
                    .WaitAsync(cancellationToken)
                    .ConfigureAwait(false),
            };
        }
        catch (Exception e)
        {
            // The function failed, only later than others do. A stream that was read in part must not be taken for
            // whole.
            bool hasForm =
                value is not Stream
                && (FunctionStreams.ElementOf(value!) is not null || e is not (NotSupportedException or JsonException));
            string message = hasForm
                ? e.Message
                : $"the result is a {value!.GetType()}, which cannot be written as JSON.";
            content.Result = $"Error: {(message.Length > 500 ? message[..500] + "…" : message)}";
            content.Exception = e;
            cancellationToken.ThrowIfCancellationRequested();
            if (hasForm)
            {
                LogFailed(logger, e, name);
            }
            else
            {
                LogNoForm(logger, e, name, value!.GetType());
            }
        }
    }

    /// <summary>The value without the objects that Semantic Kernel wraps it in.</summary>
    private static object? Unwrap(object? result) =>
        result is SK.FunctionResult value ? Unwrap(value.GetValue<object>()) : result;

    private async Task<object?> ReadAsync(
        object value,
        string name,
        JsonSerializerOptions? options,
        CancellationToken cancellationToken)
    {
        int most = limit();
        if (value is Stream)
        {
            throw new NotSupportedException("A stream is not a result. Read it and return its text.");
        }

        if (FunctionStreams.ElementOf(value) is { } element)
        {
            IAsyncEnumerable<object?> stream = FunctionStreams.Read(value, element, cancellationToken);
            return ContentText.IsText(element)
                ? await JoinAsync(stream, "", name, most).ConfigureAwait(false)
                : await SerializeAsync(stream, name, options, most, cancellationToken).ConfigureAwait(false);
        }

        // Messages are joined as by Semantic Kernel's OpenAI connector.
        if (value is IEnumerable<SK.ChatMessageContent> or IEnumerable<AIContent>)
        {
            string separator = value is IEnumerable<AIContent> ? "" : ",";
            return await JoinAsync(
                    FunctionStreams.Read((IEnumerable<object>)value, cancellationToken),
                    separator,
                    name,
                    most)
                .ConfigureAwait(false);
        }

        (string json, bool isWhole) = await SerializeAsync(value, options, most, cancellationToken)
            .ConfigureAwait(false);
        // A text in JSON stays in its quotes, unlike the text that a function returns.
        return !isWhole ? Cut(json, name, most) : json.StartsWith('"') ? json : JsonElement.Parse(json);
    }

    private async Task<string> JoinAsync(IAsyncEnumerable<object?> stream, string separator, string name, int most)
    {
        var text = new StringBuilder();
        bool isFirst = true;
        await foreach (object? item in stream.ConfigureAwait(false))
        {
            text.Append(isFirst ? "" : separator).Append(ContentText.Create(item));
            isFirst = false;
            if (text.Length > most)
            {
                return Cut(text.ToString(), name, most);
            }
        }

        return text.ToString();
    }

    private async Task<object> SerializeAsync(
        IAsyncEnumerable<object?> stream,
        string name,
        JsonSerializerOptions? options,
        int most,
        CancellationToken cancellationToken)
    {
        var json = new StringBuilder("[");
        await foreach (object? item in stream.ConfigureAwait(false))
        {
            json.Append(json.Length == 1 ? "" : ",");
            json.Append(
                item is null
                    ? "null"
                    : (await SerializeAsync(item, options, most, cancellationToken).ConfigureAwait(false)).Json);
            if (json.Length > most)
            {
                return Cut(json.ToString(), name, most);
            }
        }

        return JsonElement.Parse(json.Append(']').ToString());
    }

    private static async Task<(string Json, bool IsWhole)> SerializeAsync(
        object value,
        JsonSerializerOptions? options,
        int most,
        CancellationToken cancellationToken)
    {
        // A function's own options know the types that its developer declared, also where reflection-based JSON is off.
        JsonTypeInfo type =
            options is not null
            && options != AIJsonUtilities.DefaultOptions
            && options.TryGetTypeInfo(value.GetType(), out JsonTypeInfo? own)
                ? own
                : s_json.GetTypeInfo(value.GetType());
        await using var buffer = new BoundedBuffer(most * 4L, cancellationToken);
        try
        {
            await JsonSerializer.SerializeAsync(buffer, value, type, cancellationToken).ConfigureAwait(false);
        }
        catch (BoundedBuffer.FullException)
        {
            return (buffer.ToString(), false);
        }

        string json = buffer.ToString();
        return (json, json.Length <= most);
    }

    private object Bound(object value, string name)
    {
        string text = value as string ?? ((JsonElement)value).GetRawText();
        return text.Length <= MinLimit || text.Length <= limit() ? value : Cut(text, name, limit());
    }

    private string Cut(string text, string name, int most)
    {
        LogCut(logger, name, most);
        int end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return $"{text[..end]}\n[The result is longer; these are its first {end} characters.]";
    }

    [LoggerMessage(LogLevel.Warning, "The result of {Function} could not be read; the model is told the error.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string function);

    [LoggerMessage(
        LogLevel.Warning,
        "{Function} returned a {Type}, which cannot be written as JSON; the model is told so. Return a string or a type "
            + "that System.Text.Json writes. Where reflection-based JSON is off, create the function with "
            + "JsonSerializerOptions whose TypeInfoResolver is a JsonSerializerContext with "
            + "[JsonSerializable(typeof({Type}))]."
    )]
    private static partial void LogNoForm(ILogger logger, Exception exception, string function, Type type);

    [LoggerMessage(
        LogLevel.Warning,
        "The result of {Function} is longer than {Limit} characters; the model reads its beginning and that it was cut."
    )]
    private static partial void LogCut(ILogger logger, string function, int limit);

    /// <summary>The memory that a value is written to; writing ends where it is full.</summary>
    private sealed class BoundedBuffer(long capacity, CancellationToken cancellationToken) : MemoryStream
    {
        // In a derived class all other ways to write end here.
        public override void Write(byte[] buffer, int offset, int count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            base.Write(buffer, offset, (int)Math.Min(count, capacity - Length));
            if (Length >= capacity)
            {
                throw new FullException();
            }
        }

        public override string ToString() => Encoding.UTF8.GetString(GetBuffer(), 0, (int)Length);

        [SuppressMessage("Design", "CA1064", Justification = "It never leaves this class.")]
        public sealed class FullException : Exception;
    }
}
