namespace Qwen3.Chat.Models.Fetching;

/// <summary>A server sends a file whole, whatever part of it was asked for: always, or, behind a name that several share, now and then.</summary>
internal sealed class RangesIgnoredException() : IOException("A part was asked for, and the whole file is sent.");
