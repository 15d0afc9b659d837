using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Converts what a function returns into what a model reads and a checkpoint stores: text or JSON of limited size.</summary>
internal static class FunctionResult
{
    /// <summary>The longest result in bytes of JSON, and in characters of text.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>The part of a longer result that the model reads.</summary>
    private const int ShownLength = 16 << 10;

    /// <exception cref="OperationCanceledException">The token was cancelled. A sequence that ignores it is left to itself.</exception>
    public static async Task<object?> ConvertAsync(object? value, JsonSerializerOptions options, CancellationToken cancellationToken)
    {
        switch (value)
        {
            case null:
                return null;
            case string text:
                return Limit(text);
            case AIContent content:
                return Limit(Text([content]));
            case IEnumerable<AIContent> contents:
                return Limit(Text([.. contents.Take(MaxLength)]));
        }

        using var json = new LimitedStream();
        bool isTooLong = false;
        try
        {
            // Serialized piece by piece, so that a sequence without end reaches the limit. It may block its thread.
            await Task.Run(() => JsonSerializer.SerializeAsync(json, value, options.GetTypeInfo(value.GetType()), cancellationToken), CancellationToken.None)
                .WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (LimitReachedException)
        {
            isTooLong = true;
        }

        return isTooLong ? Cut(Encoding.UTF8.GetString(json.Shown), "more than ") : JsonElement.Parse(json.Written.Span);
    }

    private static string Limit(string text) => text.Length <= MaxLength ? text : Cut(text, "");

    private static string Cut(string text, string more)
    {
        int end = Math.Min(ShownLength, text.Length);
        end -= end > 0 && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
        return $"{text[..end]}\n(The result is cut off here: it has {more}{Math.Max(text.Length, MaxLength)} characters.)";
    }

    private static string Text(AIContent[] contents) =>
        contents.FirstOrDefault(content => content is not TextContent) is { } other
            ? throw new NotSupportedException($"It is {other.GetType().Name}, and the model reads text.")
            : string.Concat(contents.Cast<TextContent>().Select(content => content.Text));

    /// <summary>Keeps what is written until the limit is reached.</summary>
    private sealed class LimitedStream : MemoryStream
    {
        public ReadOnlyMemory<byte> Written => GetBuffer().AsMemory(0, (int)Length);

        public byte[] Shown => GetBuffer()[..(int)Math.Min(Length, ShownLength)];

        // The other methods for writing call this one.
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > MaxLength)
            {
                base.Write(buffer, offset, (int)(MaxLength - Length));
                throw new LimitReachedException();
            }

            base.Write(buffer, offset, count);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.ToArray(), 0, buffer.Length);
            return default;
        }
    }

    private sealed class LimitReachedException : IOException;
}
