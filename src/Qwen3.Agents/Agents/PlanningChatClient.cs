using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Requests a plan from a model until the plan is valid.</summary>
/// <param name="model">The model.</param>
/// <param name="settings">How many steps and how many repairs.</param>
/// <param name="read">How a plan is meant; as it stands if <see langword="null"/>.</param>
internal sealed class PlanningChatClient(IChatClient model, PlannerAgentOptions settings, Func<Plan, Plan>? read = null) : DelegatingChatClient(model)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        List<ChatMessage> conversation = [.. messages];
        options = options?.Clone() ?? new();
        options.ResponseFormat = Plan.ResponseFormat;
        string? messageId = null;
        for (int repairs = 0; ; repairs++)
        {
            List<ChatResponseUpdate> held = [];
            await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(conversation, options, cancellationToken)
                .ConfigureAwait(false))
            {
                held.Add(update.Clone());
                // All that the model has thought belongs to the one message that is answered.
                messageId ??= update.MessageId;
                update.MessageId = messageId;
                update.Contents = [.. update.Contents.Where(content => content is not TextContent)];
                update.FinishReason = null;
                if (update.Contents.Count > 0)
                {
                    yield return update;
                }
            }

            ChatResponse answer = held.ToChatResponse();
            IReadOnlyList<string> findings = Check(answer);
            if (findings.Count == 0)
            {
                yield return new(ChatRole.Assistant, answer.Text)
                {
                    MessageId = messageId,
                    ResponseId = answer.ResponseId,
                    ModelId = answer.ModelId,
                    CreatedAt = answer.CreatedAt,
                    FinishReason = answer.FinishReason,
                };
                yield break;
            }

            if (repairs == settings.MaxRepairs)
            {
                throw new PlanException(findings, answer.Text);
            }

            conversation.Add(new(ChatRole.Assistant, answer.Text));
            conversation.Add(new(ChatRole.User, AgentPrompts.Fill(
                settings.Prompts.Repair, ("findings", string.Join('\n', findings.Select(finding => $"- {finding}"))))));
        }
    }

    private IReadOnlyList<string> Check(ChatResponse answer)
    {
        if (answer.FinishReason == ChatFinishReason.Length)
        {
            return ["The plan is cut off, for the answer has as many tokens as it may. Make a shorter one, or let it have more (MaxOutputTokens)."];
        }

        try
        {
            Plan plan = Plan.Parse(answer.Text, "");
            return (read?.Invoke(plan) ?? plan).Check(settings.MaxSteps);
        }
        catch (PlanException e)
        {
            return e.Findings;
        }
    }
}
