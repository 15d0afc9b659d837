namespace Qwen3.Agents;

/// <summary>Makes a superstep end, and so a checkpoint be written, before the steps go on.</summary>
internal sealed record Continue;
