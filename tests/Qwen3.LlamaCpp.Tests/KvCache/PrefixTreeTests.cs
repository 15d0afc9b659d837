using Qwen3.LlamaCpp.KvCache;

namespace Qwen3.LlamaCpp.Tests.KvCache;

public sealed class PrefixTreeTests
{
    [Fact]
    public void Finds_the_longest_prefix_also_inside_a_sequence()
    {
        var tree = new PrefixTree();
        CachedSequence a = new(1), b = new(2);
        tree.Extend(a, [1, 2, 3, 4]);
        tree.Extend(b, [1, 2, 9]);

        Assert.Equal((4, a), tree.Match([1, 2, 3, 4, 5]));
        Assert.Equal((3, a), tree.Match([1, 2, 3, 7]));
        Assert.Equal((3, b), tree.Match([1, 2, 9, 4]));
        Assert.Equal(2, tree.Match([1, 2]).Length);
        Assert.Equal((0, null), tree.Match([2, 1]));
        Assert.Equal((0, null), tree.Match([]));
        Assert.Equal((2, 2), (PrefixTree.ExclusiveStart(a), PrefixTree.ExclusiveStart(b)));
    }

    [Fact]
    public void A_sequence_that_another_has_all_of_has_nothing_of_its_own()
    {
        var tree = new PrefixTree();
        CachedSequence a = new(1), b = new(2);
        tree.Extend(a, [1, 2]);
        tree.Extend(b, [1, 2, 3]);
        Assert.Equal((2, 2), (PrefixTree.ExclusiveStart(a), PrefixTree.ExclusiveStart(b)));
        tree.Truncate(a, 0);
        Assert.Equal(0, PrefixTree.ExclusiveStart(b));
        Assert.Equal((3, b), tree.Match([1, 2, 3]));
    }

    [Fact]
    public void Does_what_a_list_of_sequences_does()
    {
        const int Seed = 77;
        var random = new Random(Seed);
        for (int round = 0; round < 300; round++)
        {
            var tree = new PrefixTree();
            var sequences = new List<(CachedSequence Sequence, List<int> Tokens)>();
            for (int step = 0; step < 60; step++)
            {
                int action = random.Next(4);
                if (action == 0 || sequences.Count == 0)
                {
                    sequences.Add((new(step), []));
                }
                else if (action < 3)
                {
                    (CachedSequence sequence, List<int> tokens) = sequences[random.Next(sequences.Count)];
                    int[] more = [.. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(2))];
                    tree.Extend(sequence, more);
                    tokens.AddRange(more);
                }
                else
                {
                    int index = random.Next(sequences.Count);
                    (CachedSequence sequence, List<int> tokens) = sequences[index];
                    int length = random.Next(tokens.Count + 1) * random.Next(2);
                    tree.Truncate(sequence, length);
                    tokens.RemoveRange(length, tokens.Count - length);
                    if (length == 0)
                    {
                        sequences.RemoveAt(index);
                    }
                }

                Check(tree, sequences, [.. Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(2))], $"seed {Seed}, round {round}, step {step}");
            }
        }
    }

    private static void Check(PrefixTree tree, List<(CachedSequence Sequence, List<int> Tokens)> sequences, int[] prompt, string where)
    {
        static int Common(IEnumerable<int> left, IEnumerable<int> right) => left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count();

        (int length, CachedSequence? found) = tree.Match(prompt);
        Assert.True(length == sequences.Select(s => Common(s.Tokens, prompt)).DefaultIfEmpty().Max(), where);
        Assert.True(length == 0 ? found is null : Common(sequences.Single(s => s.Sequence == found).Tokens, prompt) == length, where);
        foreach ((CachedSequence sequence, List<int> tokens) in sequences)
        {
            Assert.True(sequence.RecordedLength == tokens.Count, where);
            int shared = sequences.Where(s => s.Sequence != sequence).Select(s => Common(s.Tokens, tokens)).DefaultIfEmpty().Max();
            // A node's border can lie behind what others have (they were shortened), never before it.
            int start = PrefixTree.ExclusiveStart(sequence);
            Assert.True(start >= shared && start <= tokens.Count, $"{where}: {start} where {shared} are shared");
            Assert.True(shared == tokens.Count || start < tokens.Count, where);
        }
    }
}
