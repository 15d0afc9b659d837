using System.CommandLine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Commands;

/// <summary>The options of the commands that ask a model.</summary>
internal sealed class ModelOptions
{
    /// <summary>The name of the option of a <see cref="Qwen3ChatClient"/> for the reasoning budget.</summary>
    public const string ThinkingBudget = "thinking_budget";

    private readonly Option<int?> _context = Number(
        "--context",
        "TOKENS",
        "Size of the context that prompt and answer share. Default: as much as fits into a quarter of the free memory.",
        1);

    private readonly Option<int?> _threads = ThreadCount();

    private readonly Option<float?> _temperature = new("--temperature")
    {
        HelpName = "T",
        Description =
            "Sampling temperature; 0 selects the most probable token. Default: the value of the model's card.",
    };

    private readonly Option<long?> _seed = new("--seed")
    {
        HelpName = "N",
        Description = "Seed of the sampling; the same seed gives the same answer.",
    };

    private readonly Option<int?> _maxTokens = Number(
        "--max-tokens",
        "N",
        "Largest length of an answer, including the reasoning. Default: the value of the model's card.",
        1);

    private readonly Option<string?> _system = new("--system")
    {
        HelpName = "TEXT",
        Description = "The system message.",
    };

    private readonly Option<int?> _thinkingBudget = Number(
        "--thinking-budget", "TOKENS", "Largest length of the reasoning; 0 for none. Default: no limit.", 0);

    private readonly Option<string[]> _mcp = new("--mcp")
    {
        HelpName = "COMMAND",
        Description =
            "Command line of an MCP server (stdio) whose tools the model can call. Can be given several times.",
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

    /// <summary>Creates an option for a whole number within bounds.</summary>
    public static Option<int?> Number(
        string name, string helpName, string description, int minimum, int maximum = int.MaxValue)
    {
        var option = new Option<int?>(name) { HelpName = helpName, Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value)
                && (value < minimum || value > maximum))
            {
                string range = maximum == int.MaxValue ? $"{minimum} or more" : $"from {minimum} to {maximum}";
                result.AddError($"Option '{name}' is {value}, and must be {range}.");
            }
        });
        return option;
    }

    public static Option<int?> ThreadCount() =>
        Number(
            "--threads",
            "N",
            "CPU threads. Default: one for each physical core.",
            1,
            InferenceEngineOptions.ThreadLimit);

    public void AddTo(Command command)
    {
        Option[] options = [_context, _threads, _temperature, _seed, _maxTokens, _system, _thinkingBudget, _mcp];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }

    public string? System(ParseResult options) => options.GetValue(_system);

    public IReadOnlyList<string> McpServers(ParseResult options) => options.GetValue(_mcp) ?? [];

    /// <summary>Returns the options for loading the model.</summary>
    public Qwen3ChatClientOptions Client(
        ParseResult options, ILoggerFactory loggerFactory, IProgress<float>? progress) => new()
    {
        LoggerFactory = loggerFactory,
        Model = new() { LoggerFactory = loggerFactory, Progress = progress },
        Engine = new()
        {
            ContextSize = options.GetValue(_context),
            Threads = options.GetValue(_threads),
            // One person asks one question at a time.
            MaxParallelRequests = 1,
            LoggerFactory = loggerFactory,
        },
    };

    /// <summary>Returns the options of each request.</summary>
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
