using System.CommandLine;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Cli.Conversation;
using Qwen3.Cli.Models;

namespace Qwen3.Cli.Commands;

/// <summary>Answers one question.</summary>
internal sealed class RunCommand : CliCommand
{
    private readonly Argument<string?> _prompt = new("prompt")
    {
        Description = "The question. Piped input is appended to it, or is the question.",
            Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _model = new("--model", "-m")
    {
        HelpName = "MODEL",
        Description = ModelChoice.Description,
    };
    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print text, reasoning, usage, finish reason and times as JSON.",
    };
    private readonly Option<FileInfo?> _schema = new("--schema")
    {
        HelpName = "FILE",
        Description = "JSON schema of the answer.",
    };
    private readonly Option<bool> _noReasoning = new("--no-reasoning") { Description = "Do not show the reasoning." };
    private readonly ModelOptions _settings = new();

    public RunCommand(Terminal terminal)
        : base(
            terminal,
            "run",
            "Ask one question and print the answer. Reasoning and calls go to standard error.",
            "qwen3 run \"Why is the sky blue?\"",
            "git diff | qwen3 run \"Write a commit message for this change.\"",
            "qwen3 run --schema person.schema.json \"Extract the person: Anna is 30 and lives in Rome.\"")
    {
        Arguments.Add(_prompt);
        Options.Add(_model);
        Options.Add(_json);
        Options.Add(_schema);
        Options.Add(_noReasoning);
        _settings.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        List<ChatMessage> messages = [];
        if (_settings.System(options) is { } system)
        {
            messages.Add(new(ChatRole.System, system));
        }

        messages.Add(new(ChatRole.User, await ReadPromptAsync(options.GetValue(_prompt), cancellationToken)));
        ChatResponseFormat? format = options.GetValue(_schema) is { } schema
            ? await ReadSchemaAsync(schema, cancellationToken)
            : null;
        var clock = new RunClock(TimeProvider.System);
        await using ChatModel model = await ChatModel.OpenAsync(
            Terminal,
            ModelChoice.Resolve(options.GetValue(_model), cancellationToken),
            _settings,
            options,
            new ToolGate(ask: null),
            cancellationToken);
        clock.Loaded();
        model.Options.ResponseFormat = format;
        bool isJson = options.GetValue(_json);
        bool isSilent = isJson || options.GetValue(_noReasoning);
        var writer = new AnswerWriter(
            isJson ? _ => { } : piece => Terminal.Out.Write(Terminal.Printable(piece)),
            isSilent ? _ => { } : piece => Terminal.Error.Write(Terminal.DimError(piece)));
        List<ChatResponseUpdate> updates = [];
        try
        {
            IAsyncEnumerable<ChatResponseUpdate> answer =
                model.Client.GetStreamingResponseAsync(messages, model.Options, cancellationToken);
            await foreach (ChatResponseUpdate update in answer)
            {
                clock.Updated();
                updates.Add(update);
                foreach (AIContent content in update.Contents)
                {
                    writer.Write(content);
                }
            }
        }
        finally
        {
            writer.End();
        }

        ChatResponse response = updates.ToChatResponse();
        if (isJson)
        {
            Terminal.Out.WriteLine(
                JsonSerializer.Serialize(RunReport.Of(model.Name, response, clock), ReportJson.Readable.RunReport));
        }

        return Judge(response, format is not null);
    }

    /// <summary>Returns the exit code. An answer that was cut off is a failure only if it has a schema.</summary>
    private int Judge(ChatResponse response, bool hasSchema)
    {
        if (response.FinishReason != ChatFinishReason.Length)
        {
            return ExitCode.Success;
        }

        Terminal.WriteError(
            $"qwen3: The answer was cut off after {response.Usage?.OutputTokenCount} tokens" +
            $"{(hasSchema ? ", and its JSON is incomplete" : "")}. " +
            "Raise --max-tokens or --context.");
        return hasSchema ? ExitCode.Failure : ExitCode.Success;
    }

    private async Task<string> ReadPromptAsync(string? prompt, CancellationToken cancellationToken)
    {
        string piped = Terminal.IsInputInteractive
            ? ""
            : (await Terminal.In.ReadToEndAsync(cancellationToken)).TrimEnd();
        string text = string.IsNullOrWhiteSpace(prompt) ? piped : piped.Length == 0 ? prompt : $"{prompt}\n\n{piped}";
        return !string.IsNullOrWhiteSpace(text) ? text
            : throw new CommandException(
                "There is no question. Give one as an argument, qwen3 run \"…\", or pipe it in.", ExitCode.Usage);
    }

    private static async Task<ChatResponseFormat> ReadSchemaAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (!file.Exists)
        {
            throw new CommandException($"There is no schema file {file.FullName}.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(
                await File.ReadAllTextAsync(file.FullName, Encoding.UTF8, cancellationToken));
            return ChatResponseFormat.ForJsonSchema(document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new CommandException($"{file.FullName} holds no JSON schema: {e.Message}", innerException: e);
        }
    }
}
