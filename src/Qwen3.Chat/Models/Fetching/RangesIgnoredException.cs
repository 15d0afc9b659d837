namespace Qwen3.Chat.Models.Fetching;

/// <summary>A server sends a file as a whole alone, whatever part of it was asked for.</summary>
internal sealed class RangesIgnoredException : Exception;
