namespace Qwen3.Chat.Constraints;

/// <summary>Tells whether branches of <c>oneOf</c> plainly have no value in common, so that "one of" is the same as "any of".</summary>
internal static class Disjointness
{
    // Each branch is held against each. What takes more than this does not go without saying.
    private const int WorkLimit = 1_000_000;

    public static bool IsEvident(SchemaLocation parent, IEnumerable<SchemaLocation> schemas)
    {
        OneOfBranch[] branches = [.. schemas.Select(schema => new OneOfBranch(schema, parent))];
        int work = 0;
        for (int i = 0; i < branches.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (work > WorkLimit || !branches[i].IsDisjointFrom(branches[j], ref work))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
