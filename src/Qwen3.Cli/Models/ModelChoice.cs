using Qwen3.Chat;
using Qwen3.Chat.Models;

namespace Qwen3.Cli.Models;

/// <summary>Resolves the model of a command line.</summary>
internal static class ModelChoice
{
    /// <summary>The environment variable with the model for command lines that name none.</summary>
    public const string Variable = "QWEN3_MODEL";

    /// <summary>The description of a model argument for the help.</summary>
    public const string Description =
        "A GGUF file, instruct-2507, thinking-2507, hybrid (each with a quantization, as in hybrid:Q8_0) or " +
        "hf:OWNER/REPOSITORY. " +
        $"Default: the environment variable {Variable}, or the only instruct model on this machine.";

    private const string Pull = "qwen3 pull instruct-2507";

    /// <summary>Returns the file of a model on this machine.</summary>
    /// <param name="argument">The argument, or <see langword="null"/> if the command line names no model.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="CommandException">
    /// The model is not on this machine, or the command line does not name one of several.
    /// </exception>
    public static string Resolve(string? argument, CancellationToken cancellationToken)
    {
        var finder = new ModelFinder();
        string? text = argument ?? Environment.GetEnvironmentVariable(Variable);
        return string.IsNullOrWhiteSpace(text)
            ? Only(finder, cancellationToken)
            : Named(finder, text, cancellationToken);
    }

    /// <summary>Parses the name of a model.</summary>
    /// <exception cref="CommandException">The name is invalid.</exception>
    public static Qwen3Model Parse(string text)
    {
        try
        {
            return Qwen3Models.Parse(text);
        }
        catch (FormatException e)
        {
            throw new CommandException(e.Message, ExitCode.Usage, e);
        }
    }

    private static string Named(ModelFinder finder, string text, CancellationToken cancellationToken)
    {
        Qwen3Model model = Parse(text);
        return model.Path ?? finder.Find(model, cancellationToken)?.Path
            ?? throw new CommandException(
                $"{model} is not on this machine. Fetch it with 'qwen3 pull {model}'; 'qwen3 list' shows the models.");
    }

    private static string Only(ModelFinder finder, CancellationToken cancellationToken)
    {
        FoundModel[] found =
            [.. finder.FindAll(cancellationToken).Where(model => model.Variant == Qwen3Variant.Instruct)];
        return found.Length switch
        {
            1 => found[0].Path,
            0 => throw new CommandException(
                $"There is no instruct model on this machine. Fetch one with '{Pull}', or name a GGUF file in " +
                $"the command line or in {Variable}."),
            _ => throw new CommandException(
                $"There are {found.Length} instruct models on this machine. Name one in the command line or in " +
                $"{Variable}: " +
                string.Join(", ", found.Select(model => model.Path))),
        };
    }
}
