using System.Globalization;
using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.Cli.Commands;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Conversation;

/// <summary>A conversation: its messages, and the settings of the next answer.</summary>
internal sealed class ChatSession(ChatModel model)
{
    private readonly List<ChatMessage> _messages = [];
    private readonly int? _thinkingBudget = model.Options.AdditionalProperties?[ModelOptions.ThinkingBudget] as int?;
    private GenerationResult? _lastResult;

    /// <summary>The system message.</summary>
    public string? System { get; set; }

    public void Clear() => _messages.Clear();

    /// <summary>Switches reasoning on or off for the following messages.</summary>
    /// <returns>The effect for this model.</returns>
    public string SetThinking(bool thinks)
    {
        if (model.Variant == Qwen3Variant.Instruct)
        {
            return $"{model.Name} never reasons.";
        }

        (model.Options.AdditionalProperties ??= [])[ModelOptions.ThinkingBudget] = thinks ? _thinkingBudget : 0;
        return thinks ? "It reasons before it answers." : "It answers without reasoning.";
    }

    /// <summary>Sends a message to the model and adds message and answer to the conversation.</summary>
    /// <param name="question">The message.</param>
    /// <param name="show">Shows a part of the answer.</param>
    /// <param name="cancellationToken">Stops the answer. Its text until then is kept.</param>
    /// <returns>The reason why the answer ended.</returns>
    public async Task<ChatFinishReason?> AskAsync(
        string question, Action<AIContent> show, CancellationToken cancellationToken)
    {
        model.Gate.BeginMessage();
        int before = _messages.Count;
        _messages.Add(new(ChatRole.User, question));
        IEnumerable<ChatMessage> prompt = System is null ? _messages : [new(ChatRole.System, System), .. _messages];
        List<ChatResponseUpdate> updates = [];
        bool isComplete = false;
        try
        {
            IAsyncEnumerable<ChatResponseUpdate> answer =
                model.Client.GetStreamingResponseAsync([.. prompt], model.Options, cancellationToken);
            await foreach (ChatResponseUpdate update in answer)
            {
                updates.Add(update);
                _lastResult = update.RawRepresentation as GenerationResult ?? _lastResult;
                foreach (AIContent content in update.Contents)
                {
                    show(content);
                }
            }

            isComplete = true;
        }
        finally
        {
            Keep(updates.ToChatResponse(), isComplete, before);
        }

        return updates.LastOrDefault(update => update.FinishReason is not null)?.FinishReason;
    }

    /// <summary>Returns the length of the conversation, and the tokens and times of the last answer.</summary>
    public string Stats()
    {
        if (_lastResult is not { } result)
        {
            return "There is no answer yet.";
        }

        // The time of the prompt includes the first token.
        double speed = result.GenerationTime > TimeSpan.Zero
            ? (result.GeneratedTokens - 1) / result.GenerationTime.TotalSeconds
            : 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_messages.Count} messages, {result.PromptTokens + result.GeneratedTokens} tokens. Last answer: " +
            $"prompt {result.PromptTokens} " +
            $"tokens ({result.CachedTokens} of them cached) in {result.PromptTime.TotalSeconds:0.00} s, answer " +
            $"{result.GeneratedTokens} tokens at " +
            $"{speed:0.0} per second.");
    }

    /// <summary>
    /// Keeps a complete answer, and only the text of a stopped one. Without text the message is dropped too.
    /// </summary>
    private void Keep(ChatResponse response, bool isComplete, int before)
    {
        if (isComplete)
        {
            _messages.AddRange(response.Messages);
        }
        else if (response.Text is { Length: > 0 } text)
        {
            _messages.Add(new(ChatRole.Assistant, text));
        }
        else
        {
            _messages.RemoveRange(before, _messages.Count - before);
        }
    }
}
