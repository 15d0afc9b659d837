using System.CommandLine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Commands;

/// <summary>The options that commands which ask a model have in common.</summary>
internal sealed class ModelOptions
{
    /// <summary>The name under which a <see cref="Qwen3ChatClient"/> reads a budget.</summary>
    public const string ThinkingBudget = "thinking_budget";

    private readonly Option<int?> _context = Number(
        "--context", "TOKENS", "Size of the context, which prompt and answer share. Default: what a quarter of the free memory takes.", 1);

    private readonly Option<int?> _threads = ThreadCount();

    private readonly Option<float?> _temperature = new("--temperature")
    {
        HelpName = "T", Description = "How freely the model draws its words; 0 takes the likeliest. Default: as the model's card advises.",
    };

    private readonly Option<long?> _seed = new("--seed") { HelpName = "N", Description = "Repeat what is drawn: the same seed, the same answer." };

    private readonly Option<int?> _maxTokens = Number(
        "--max-tokens", "N", "Length of an answer at most, reasoning included. Default: as the model's card advises.", 1);

    private readonly Option<string?> _system = new("--system") { HelpName = "TEXT", Description = "The system message." };

    private readonly Option<int?> _thinkingBudget = Number(
        "--thinking-budget", "TOKENS", "How long the model may think; 0: not at all. Default: no limit.", 0);

    private readonly Option<string[]> _mcp = new("--mcp")
    {
        HelpName = "COMMAND", Description = "Command line of an MCP server (stdio) whose tools the model may call. Can be given several times.",
    };

    public ModelOptions()
    {
        _temperature.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.GetValueOrDefault<float?>() is < 0 or > 2)
            {
                result.AddError($"Option '{_temperature.Name}' must be from 0 to 2.");
            }
        });
    }

    /// <summary>An option with a whole number within bounds.</summary>
    public static Option<int?> Number(string name, string helpName, string description, int minimum, int maximum = int.MaxValue)
    {
        var option = new Option<int?>(name) { HelpName = helpName, Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < minimum || value > maximum))
            {
                string range = maximum == int.MaxValue ? $"{minimum} or more" : $"from {minimum} to {maximum}";
                result.AddError($"Option '{name}' is {value}, and must be {range}.");
            }
        });
        return option;
    }

    public static Option<int?> ThreadCount() =>
        Number("--threads", "N", "CPU threads that compute. Default: one for each processor.", 1, InferenceEngineOptions.ThreadLimit);

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_context, _threads, _temperature, _seed, _maxTokens, _system, _thinkingBudget, _mcp])
        {
            command.Options.Add(option);
        }
    }

    public string? System(ParseResult options) => options.GetValue(_system);

    public IReadOnlyList<string> McpServers(ParseResult options) => options.GetValue(_mcp) ?? [];

    /// <summary>How the model is to be loaded.</summary>
    public Qwen3ChatClientOptions Client(ParseResult options, ILoggerFactory loggerFactory, IProgress<float>? progress) => new()
    {
        LoggerFactory = loggerFactory,
        Model = new() { LoggerFactory = loggerFactory, Progress = progress },
        Engine = new()
        {
            ContextSize = options.GetValue(_context),
            Threads = options.GetValue(_threads),
            // One person asks, one thing at a time.
            MaxParallelRequests = 1,
            LoggerFactory = loggerFactory,
        },
    };

    /// <summary>What each request asks for.</summary>
    public ChatOptions Chat(ParseResult options)
    {
        var chat = new ChatOptions
        {
            Temperature = options.GetValue(_temperature),
            Seed = options.GetValue(_seed),
            MaxOutputTokens = options.GetValue(_maxTokens),
        };
        if (options.GetValue(_thinkingBudget) is { } budget)
        {
            chat.AdditionalProperties = new() { [ThinkingBudget] = budget };
        }

        return chat;
    }
}
