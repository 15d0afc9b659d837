namespace Qwen3.Cli.Models;

/// <summary>Which file a command is about.</summary>
internal static class ModelChoice
{
    /// <summary>The environment variable that names the model where the command line does not.</summary>
    public const string Variable = "QWEN3_MODEL";

    /// <summary>What a model argument may be, for the help.</summary>
    public const string Description = $"A GGUF file, a name from 'qwen3 list', or hf:OWNER/REPOSITORY. Default: the environment variable {Variable}.";

    public static string Resolve(string? argument) =>
        argument ?? Environment.GetEnvironmentVariable(Variable) ?? throw new CommandException($"Name a model, or set {Variable}.");
}
