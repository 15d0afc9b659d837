using System.Runtime.ExceptionServices;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.Chat;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Agents;

/// <summary>
/// A workflow that has a Thinking model make a plan for a goal, an Instruct model carry out its steps, and the answer written from their results.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="Workflow"/> is an ordinary one of Microsoft Agent Framework: run it with <c>InProcessExecution</c>, put it into others, draw it. A
/// text that it is sent is a goal to begin with; messages wait for a <c>TurnToken</c>. One goal is worked on at a time, and others wait in their
/// order. Its events are <see cref="Qwen3WorkflowEvent"/>s, its output is a <see cref="Qwen3WorkflowResult"/> for each goal. The methods here are for
/// the usual cases.
/// </para>
/// <para>Safe for concurrent use: each run has a state of its own.</para>
/// </remarks>
public sealed class Qwen3Workflow : IDisposable
{
    private readonly AgentsTelemetry _telemetry = new();
    private readonly IDisposable[] _owned;
    private readonly IChatClient[] _clients;
    private readonly Qwen3WorkflowOptions _options;
    private readonly WorkflowSetup _setup;
    private readonly IWorkflowExecutionEnvironment _environment;

    /// <summary>Initializes a new instance of the <see cref="Qwen3Workflow"/> class over two clients, which are not disposed.</summary>
    /// <param name="thinking">The model that plans.</param>
    /// <param name="instruct">The model that carries out the steps, without function invocation; it may be the same.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is invalid.</exception>
    public Qwen3Workflow(IChatClient thinking, IChatClient instruct, Qwen3WorkflowOptions? options = null)
        : this(thinking, instruct, options, [])
    {
    }

    private Qwen3Workflow(IChatClient thinking, IChatClient instruct, Qwen3WorkflowOptions? options, IDisposable[] owned)
    {
        ArgumentNullException.ThrowIfNull(thinking);
        ArgumentNullException.ThrowIfNull(instruct);
        _options = options ?? new();
        WorkflowOptionsValidator.ThrowIfWrong(_options);
        _owned = owned;
        _clients = [Traced(thinking), Traced(instruct)];
        Planner = new(_clients[0], new()
        {
            Tools = _options.Tools,
            MaxSteps = Math.Min(_options.MaxPlanSteps, _options.Limits.MaxSteps),
            MaxRepairs = _options.MaxPlanRepairs,
            ChatOptions = _options.PlannerChatOptions,
            Prompts = _options.Prompts,
        });
        Executor = new(_clients[1], new()
        {
            Tools = _options.Tools,
            MaxRounds = _options.MaxRounds,
            ChatOptions = _options.ExecutorChatOptions,
            Services = _options.Services,
            Prompts = _options.Prompts,
        });
        ILogger logger = _options.LoggerFactory?.CreateLogger<Qwen3Workflow>() ?? NullLogger<Qwen3Workflow>.Instance;
        _setup = new(Planner, Executor, _options, _telemetry, new(logger));
        Workflow = WorkflowGraph.Build(_setup);
        _environment = _options.Checkpoints is { } checkpoints
            ? InProcessExecution.Concurrent.WithCheckpointing(checkpoints)
            : InProcessExecution.Concurrent;
    }

    /// <summary>Gets the planner.</summary>
    public PlannerAgent Planner { get; }

    /// <summary>Gets the executor.</summary>
    public ExecutorAgent Executor { get; }

    /// <summary>Gets the workflow, for those who run or embed it themselves.</summary>
    public Workflow Workflow { get; }

    /// <summary>Loads two models and creates the workflow over them. Disposing it frees them.</summary>
    /// <param name="thinkingModelPath">The GGUF file of Qwen3-4B-Thinking-2507.</param>
    /// <param name="instructModelPath">The GGUF file of Qwen3-4B-Instruct-2507. If it is the same file, it is loaded once.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <param name="configure">Sets how each model is loaded and treated.</param>
    /// <param name="cancellationToken">Stops the loading.</param>
    /// <returns>The workflow.</returns>
    /// <inheritdoc cref="Qwen3ChatClient.LoadAsync(string, Qwen3ChatClientOptions, CancellationToken)" path="/exception"/>
    public static Task<Qwen3Workflow> CreateAsync(
        string thinkingModelPath,
        string instructModelPath,
        Qwen3WorkflowOptions? options = null,
        Action<Qwen3ChatClientOptions>? configure = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(thinkingModelPath);
        ArgumentException.ThrowIfNullOrWhiteSpace(instructModelPath);
        return CreateAsync(
            client => Qwen3ChatClient.LoadAsync(thinkingModelPath, client, cancellationToken),
            Path.GetFullPath(thinkingModelPath) == Path.GetFullPath(instructModelPath)
                ? null
                : client => Qwen3ChatClient.LoadAsync(instructModelPath, client, cancellationToken),
            options,
            configure);
    }

    /// <summary>
    /// Finds two models on this machine or fetches them, loads them, and creates the workflow over them. Disposing it frees them.
    /// </summary>
    /// <param name="thinkingModel">The model that plans, such as <see cref="Qwen3Models.Thinking2507"/>.</param>
    /// <param name="instructModel">
    /// The model that carries out the steps, such as <see cref="Qwen3Models.Instruct2507"/>. If it is the same, it is loaded once.
    /// </param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <param name="configure">Sets how each model is fetched, loaded and treated.</param>
    /// <param name="cancellationToken">Stops the fetching, whose parts are kept for the next time, or the loading.</param>
    /// <returns>The workflow.</returns>
    /// <inheritdoc cref="Qwen3ChatClient.LoadAsync(Qwen3Model, Qwen3ChatClientOptions, CancellationToken)" path="/exception"/>
    public static Task<Qwen3Workflow> CreateAsync(
        Qwen3Model thinkingModel,
        Qwen3Model instructModel,
        Qwen3WorkflowOptions? options = null,
        Action<Qwen3ChatClientOptions>? configure = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(thinkingModel);
        ArgumentNullException.ThrowIfNull(instructModel);
        return CreateAsync(
            client => Qwen3ChatClient.LoadAsync(thinkingModel, client, cancellationToken),
            thinkingModel == instructModel ? null : client => Qwen3ChatClient.LoadAsync(instructModel, client, cancellationToken),
            options,
            configure);
    }

    /// <summary>Runs the workflow to its end.</summary>
    /// <param name="goal">The goal.</param>
    /// <param name="cancellationToken">Stops the models and functions.</param>
    /// <returns>What came of it, also where a limit was reached.</returns>
    /// <exception cref="NotSupportedException">A person has to be asked; see <see cref="RunStreamingAsync"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<Qwen3WorkflowResult> RunAsync(string goal, CancellationToken cancellationToken = default)
    {
        Qwen3WorkflowResult? result = null;
        StreamingRun run = await RunStreamingAsync(goal, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            await foreach (WorkflowEvent happened in run.WatchStreamAsync(cancellationToken).ConfigureAwait(false))
            {
                switch (happened)
                {
                    case WorkflowOutputEvent { Data: Qwen3WorkflowResult output }:
                        result = output;
                        break;
                    case WorkflowErrorEvent { Exception: var error } when (error?.InnerException ?? error) is Qwen3Exception own:
                        ExceptionDispatchInfo.Throw(own);
                        break;
                    case WorkflowErrorEvent { Exception: { } error }:
                        throw new InvalidOperationException($"The workflow failed: {(error.InnerException ?? error).Message}", error);
                    case RequestInfoEvent:
                        throw new NotSupportedException(
                            "The workflow asks a person, and RunAsync has nobody to ask: use RunStreamingAsync and answer its RequestInfoEvents.");
                }
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return result ?? throw new InvalidOperationException("The workflow ended without a result.");
    }

    /// <summary>Starts the workflow, to be watched with <see cref="StreamingRun.WatchStreamAsync(CancellationToken)"/>.</summary>
    /// <param name="goal">The goal.</param>
    /// <param name="sessionId">The name to resume it by; a new one if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the starting.</param>
    /// <returns>The run. Dispose it: that ends all that still runs.</returns>
    public ValueTask<StreamingRun> RunStreamingAsync(string goal, string? sessionId = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(goal);
        return _environment.RunStreamingAsync(Workflow, goal, sessionId, cancellationToken);
    }

    /// <summary>
    /// Goes on from the last checkpoint of a session, and tells with a <see cref="ResumedEvent"/> how far it is. If it had ended, its result comes
    /// again, and no model or function is asked.
    /// </summary>
    /// <param name="sessionId">The session's name.</param>
    /// <param name="cancellationToken">Ends the starting.</param>
    /// <returns>The run. Dispose it: that ends all that still runs.</returns>
    /// <exception cref="InvalidOperationException">
    /// The options have no <see cref="Qwen3WorkflowOptions.Checkpoints"/>, or they have none of this session.
    /// </exception>
    /// <exception cref="CheckpointException">The last checkpoint of the session cannot be read.</exception>
    /// <remarks>
    /// If the last checkpoint can be read but the work that it holds is damaged, the run begins with a
    /// <see cref="WorkflowErrorEvent"/> that has a <see cref="CheckpointException"/>, and ends.
    /// </remarks>
    public async ValueTask<StreamingRun> ResumeStreamingAsync(string sessionId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sessionId);
        CheckpointManager checkpoints = _options.Checkpoints
            ?? throw new InvalidOperationException("Without Qwen3WorkflowOptions.Checkpoints there is nothing to resume from.");
        CheckpointInfo last = await checkpoints.GetLatestCheckpointAsync(sessionId, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no checkpoint of the session {sessionId}.");
        Workflow resumed = WorkflowGraph.Build(_setup with { Resumption = new() });
        try
        {
            return await _environment.ResumeStreamingAsync(resumed, last, cancellationToken).ConfigureAwait(false);
        }
        catch (CheckpointException e) when (e.IsCheckpoint)
        {
            return await InProcessExecution.Concurrent
                .RunStreamingAsync(WorkflowGraph.BuildFailing(e), sessionId, sessionId, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or CheckpointException))
        {
            // Agent Framework throws what it stumbles over.
            string checkpoint = WorkflowCheckpoints.Describe(checkpoints, last);
            throw new CheckpointException($"{checkpoint} cannot be resumed: {e.Message} Begin the session again.", e);
        }
    }

    /// <summary>Makes an agent of the workflow, for wherever one agent can be used.</summary>
    /// <returns>
    /// The agent. Its answer is the final one; its updates tell the rest: a <see cref="Qwen3WorkflowEvent"/> is the raw representation of an update
    /// without contents, and a question to a person is a <see cref="ToolApprovalRequestContent"/> or, for a plan, a
    /// <see cref="FunctionCallContent"/>.
    /// </returns>
    public AIAgent AsAIAgent() => new WorkflowAgent(Workflow.AsAIAgent(
        $"{_options.Name}-workflow", _options.Name, _options.Description, _environment, includeExceptionDetails: true));

    /// <summary>Frees the models if the workflow loaded them.</summary>
    public void Dispose()
    {
        Array.ForEach(_clients, client => client.Dispose());
        Array.ForEach(_owned, owned => owned.Dispose());
        _telemetry.Dispose();
    }

    /// <param name="loadThinking">Loads the model that plans.</param>
    /// <param name="loadInstruct">Loads the other one; <see langword="null"/> if one does both.</param>
    /// <param name="options">The workflow's options.</param>
    /// <param name="configure">Sets how each model is loaded and treated.</param>
    private static async Task<Qwen3Workflow> CreateAsync(
        Func<Qwen3ChatClientOptions, Task<Qwen3ChatClient>> loadThinking,
        Func<Qwen3ChatClientOptions, Task<Qwen3ChatClient>>? loadInstruct,
        Qwen3WorkflowOptions? options,
        Action<Qwen3ChatClientOptions>? configure)
    {
        // Before the models are loaded, which takes long.
        WorkflowOptionsValidator.ThrowIfWrong(options ?? new());
        Qwen3ChatClient thinking = await loadThinking(ModelOptions()).ConfigureAwait(false);
        try
        {
            Qwen3ChatClient instruct = loadInstruct is null ? thinking : await loadInstruct(ModelOptions()).ConfigureAwait(false);
            return new(thinking, instruct, options, loadInstruct is null ? [thinking] : [thinking, instruct]);
        }
        catch
        {
            thinking.Dispose();
            throw;
        }

        Qwen3ChatClientOptions ModelOptions()
        {
            var result = new Qwen3ChatClientOptions { LoggerFactory = options?.LoggerFactory };
            configure?.Invoke(result);
            return result;
        }
    }

    private static IChatClient Traced(IChatClient client)
    {
        var borrowed = new NonOwningChatClient(client);
        return client.GetService<OpenTelemetryChatClient>() is not null
            ? borrowed
            : borrowed.AsBuilder().UseOpenTelemetry(sourceName: AgentsTelemetry.Name).Build();
    }
}
