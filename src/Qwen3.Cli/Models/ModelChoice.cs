using Qwen3.Chat;
using Qwen3.Chat.Models;

namespace Qwen3.Cli.Models;

/// <summary>Which file a command is about.</summary>
internal static class ModelChoice
{
    /// <summary>The environment variable that names the model where the command line does not.</summary>
    public const string Variable = "QWEN3_MODEL";

    /// <summary>What a model argument may be, for the help.</summary>
    public const string Description =
        $"A GGUF file, instruct-2507, thinking-2507, hybrid (each with a quantization, as in hybrid:Q8_0) or hf:OWNER/REPOSITORY. " +
        $"Default: the environment variable {Variable}, or the one instruct model on this machine.";

    private const string Pull = "qwen3 pull instruct-2507";

    /// <summary>The file of a model on this machine.</summary>
    /// <param name="argument">What the command line names; <see langword="null"/> if nothing.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="CommandException">
    /// There is no such model here, or none that is meant without a name.
    /// </exception>
    public static string Resolve(string? argument, CancellationToken cancellationToken)
    {
        var finder = new ModelFinder();
        string? text = argument ?? Environment.GetEnvironmentVariable(Variable);
        return string.IsNullOrWhiteSpace(text) ? Only(finder, cancellationToken) : Named(finder, text, cancellationToken);
    }

    /// <summary>Reads which model is meant.</summary>
    /// <exception cref="CommandException">It is none.</exception>
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
            ?? throw new CommandException($"{model} is not on this machine. Fetch it with 'qwen3 pull {model}'; 'qwen3 list' shows what is here.");
    }

    private static string Only(ModelFinder finder, CancellationToken cancellationToken)
    {
        FoundModel[] found = [.. finder.FindAll(cancellationToken).Where(model => model.Variant == Qwen3Variant.Instruct)];
        return found.Length switch
        {
            1 => found[0].Path,
            0 => throw new CommandException(
                $"There is no instruct model on this machine. Fetch one with '{Pull}', or name a GGUF file here or in {Variable}."),
            _ => throw new CommandException(
                $"There are {found.Length} instruct models on this machine. Name one, here or in {Variable}: " +
                string.Join(", ", found.Select(model => model.Path))),
        };
    }
}
