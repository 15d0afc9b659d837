using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.KvCache;

/// <summary>
/// A radix tree over the tokens of the cached sequences: finds the longest prefix that a prompt shares with any of them, in time
/// linear in the prompt.
/// </summary>
/// <remarks>Each sequence ends where a node ends, and a node knows all sequences that pass through it. Not safe for concurrent use.</remarks>
internal sealed class PrefixTree
{
    private readonly Node _root = new(null);

    /// <summary>Finds the longest prefix of <paramref name="tokens"/> in the tree, and a sequence that has it.</summary>
    public (int Length, CachedSequence? Sequence) Match(ReadOnlySpan<int> tokens)
    {
        Node node = _root;
        int length = 0;
        while (length < tokens.Length && node.Children.TryGetValue(tokens[length], out Node? child))
        {
            int common = child.Tokens.CommonPrefixLength(tokens[length..]);
            length += common;
            node = child;
            if (common < child.Tokens.Length)
            {
                break;
            }
        }

        return node == _root ? (0, null) : (length, node.Members[0]);
    }

    /// <summary>Adds tokens at the end of a sequence, along the ones that others have already.</summary>
    public void Extend(CachedSequence sequence, ReadOnlySpan<int> tokens)
    {
        Node node = sequence.Tail ??= _root;
        sequence.RecordedLength += tokens.Length;
        while (!tokens.IsEmpty)
        {
            if (node != _root && node.Members.Count == 1)
            {
                // Nobody else is here, and the sequence ends here, so that nothing hangs below.
                node.Label.AddRange(tokens);
                return;
            }

            if (!node.Children.TryGetValue(tokens[0], out Node? child))
            {
                child = new Node(node);
                child.Label.AddRange(tokens);
                node.Children[tokens[0]] = child;
                child.Members.Add(sequence);
                sequence.Tail = child;
                return;
            }

            int common = child.Tokens.CommonPrefixLength(tokens);
            node = common < child.Tokens.Length ? Split(child, common) : child;
            node.Members.Add(sequence);
            sequence.Tail = node;
            tokens = tokens[common..];
        }
    }

    /// <summary>Takes away the end of a sequence; at length 0 it is no longer in the tree.</summary>
    public void Truncate(CachedSequence sequence, int length)
    {
        while (sequence.RecordedLength > length)
        {
            Node node = sequence.Tail!;
            int start = sequence.RecordedLength - node.Tokens.Length;
            int kept = Math.Max(0, length - start);
            if (kept > 0 && node.Members.Count == 1)
            {
                CollectionsMarshal.SetCount(node.Label, kept);
                sequence.RecordedLength = length;
                return;
            }

            sequence.Tail = kept > 0 ? Split(node, kept) : node.Parent;
            sequence.RecordedLength = start + kept;
            node.Members.Remove(sequence);
            if (node.Members.Count == 0)
            {
                node.Parent!.Children.Remove(node.Tokens[0]);
                Merge(node.Parent);
            }
            else
            {
                Merge(node);
            }
        }
    }

    /// <summary>Where the part of a sequence begins that no other sequence has; its length if others have all of it.</summary>
    public static int ExclusiveStart(CachedSequence sequence) => sequence.Tail is { Parent: not null, Members.Count: 1 } tail
        ? sequence.RecordedLength - tail.Tokens.Length
        : sequence.RecordedLength;

    /// <summary>Makes a node's first tokens a node of their own, and returns it.</summary>
    private static Node Split(Node node, int length)
    {
        Node parent = node.Parent!;
        var upper = new Node(parent);
        upper.Label.AddRange(node.Tokens[..length]);
        upper.Members.AddRange(node.Members);
        upper.Children[node.Tokens[length]] = node;
        parent.Children[node.Tokens[0]] = upper;
        node.Label.RemoveRange(0, length);
        node.Parent = upper;
        return upper;
    }

    /// <summary>Makes a node and its child one where the same sequences pass through both.</summary>
    private void Merge(Node node)
    {
        if (node == _root || node.Children.Count != 1)
        {
            return;
        }

        Node child = node.Children.Values.First();
        if (child.Members.Count != node.Members.Count)
        {
            return;
        }

        node.Label.AddRange(child.Tokens);
        node.Children = child.Children;
        foreach (Node grandchild in node.Children.Values)
        {
            grandchild.Parent = node;
        }

        foreach (CachedSequence member in node.Members)
        {
            if (member.Tail == child)
            {
                member.Tail = node;
            }
        }
    }

    internal sealed class Node(Node? parent)
    {
        public Node? Parent { get; set; } = parent;

        public List<int> Label { get; } = [];

        public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(Label);

        public Dictionary<int, Node> Children { get; set; } = [];

        public List<CachedSequence> Members { get; } = [];
    }
}
