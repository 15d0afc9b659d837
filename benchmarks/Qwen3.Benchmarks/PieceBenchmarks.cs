using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.LlamaCpp;
using Qwen3.LlamaCpp.KvCache;

namespace Qwen3.Benchmarks;

/// <summary>What happens around llama.cpp: rendering, tokenizing, parsing, finding prefixes.</summary>
[MemoryDiagnoser]
public class PieceBenchmarks
{
    private readonly LlamaModel _model = LlamaModel.Load(NanoModels.Instruct);
    private readonly PrefixTree _tree = new();
    private readonly int[] _prompt = [.. Enumerable.Range(0, 16_384)];
    private readonly string _output =
        string.Concat(Enumerable.Repeat("I think about it.\n", 200)) + "</think>\n\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>";

    private readonly List<ChatMessage> _messages = [];
    private Qwen3Prompt _rendered = Qwen3Prompt.Create(Qwen3Variant.Instruct, []);

    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < 20; i++)
        {
            _messages.Add(new(ChatRole.User, string.Concat(Enumerable.Repeat("What is the weather? ", 20))));
            _messages.Add(new(ChatRole.Assistant, string.Concat(Enumerable.Repeat("It is sunny. ", 20))));
        }

        _rendered = Qwen3Prompt.Create(Qwen3Variant.Thinking, _messages);
        for (int i = 0; i < 64; i++)
        {
            _tree.Extend(new CachedSequence(i), [.. _prompt[..(i * 256)], -i, .. _prompt[..256]]);
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _model.Dispose();

    [Benchmark]
    public string Render() => Qwen3Prompt.Create(Qwen3Variant.Thinking, _messages).ToString();

    [Benchmark]
    public int Tokenize() => _rendered.Tokenize(_model.Tokenizer).Count;

    [Benchmark]
    public ChatMessage Parse() => Qwen3Response.Parse(Qwen3Variant.Thinking, _output);

    [Benchmark]
    public int FindPrefix() => _tree.Match(_prompt).Length;
}
