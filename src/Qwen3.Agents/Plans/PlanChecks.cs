namespace Qwen3.Agents;

/// <summary>Finds the errors in a plan.</summary>
internal static class PlanChecks
{
    private const int MaxId = 9_999;

    public static IEnumerable<string> Find(Plan plan, int maxSteps)
    {
        if (plan.Steps.Length == 0)
        {
            yield return "The plan has no steps.";
        }

        if (plan.Steps.Length > maxSteps)
        {
            yield return $"The plan has {plan.Steps.Length} steps, and at most {maxSteps} are allowed.";
        }

        foreach (PlanStep step in plan.Steps)
        {
            if (step.Id is < 0 or > MaxId)
            {
                // The ids of a later plan go on where these end.
                yield return $"A step has the id {step.Id}. Ids are numbers from 1 to {MaxId}.";
            }

            if (string.IsNullOrWhiteSpace(step.Task))
            {
                yield return $"Step {step.Id} has no task.";
            }
        }

        foreach (string finding in Dependencies(plan))
        {
            yield return finding;
        }
    }

    /// <summary>Returns what is wrong with the ids and dependencies of steps.</summary>
    public static IEnumerable<string> Dependencies(Plan plan)
    {
        foreach (IGrouping<int, PlanStep> same in plan.Steps.GroupBy(step => step.Id).Where(group => group.Count() > 1))
        {
            yield return $"{same.Count()} steps have the id {same.Key}.";
        }

        HashSet<int> ids = [.. plan.Steps.Select(step => step.Id)];
        foreach (PlanStep step in plan.Steps)
        {
            foreach (int missing in step.DependsOn.Where(id => !ids.Contains(id)).Distinct())
            {
                yield return $"Step {step.Id} depends on step {missing}, which is not in the plan.";
            }
        }

        List<int> circle = Circle(plan);
        if (circle.Count > 0)
        {
            yield return circle.Count == 1
                ? $"Step {circle[0]} depends on itself."
                : $"The steps {string.Join(", ", circle)} wait for each other, so that none of them can begin.";
        }
    }

    /// <summary>The steps of one circle of dependencies, if there is any.</summary>
    private static List<int> Circle(Plan plan)
    {
        Dictionary<int, HashSet<int>> waiting = plan.Steps
            .GroupBy(step => step.Id)
            .ToDictionary(group => group.Key, group => group.SelectMany(step => step.DependsOn).ToHashSet());
        ILookup<int, int> dependents = waiting
            .SelectMany(step => step.Value.Select(needed => (Needed: needed, step.Key)))
            .ToLookup(pair => pair.Needed, pair => pair.Key);
        // Steps that can begin are removed until only circles and the steps that wait for them are left.
        Dictionary<int, int> missing = waiting.ToDictionary(step => step.Key, step => step.Value.Count(waiting.ContainsKey));
        var free = new Queue<int>(missing.Where(step => step.Value == 0).Select(step => step.Key));
        while (free.TryDequeue(out int id))
        {
            waiting.Remove(id);
            foreach (int dependent in dependents[id])
            {
                if (--missing[dependent] == 0)
                {
                    free.Enqueue(dependent);
                }
            }
        }

        List<int> path = [];
        if (waiting.Count > 0)
        {
            int next = waiting.Keys.Min();
            for (HashSet<int> seen = []; seen.Add(next);)
            {
                path.Add(next);
                next = waiting[next].First(waiting.ContainsKey);
            }

            path.RemoveRange(0, path.IndexOf(next));
        }

        return path;
    }
}
