using System.ComponentModel.DataAnnotations;

namespace Concepts.Parts;

internal sealed record PlanStep(
    [property: Range(1, 6)] int Id,
    [property: StringLength(80)] string Task,
    [property: MaxLength(6)] IReadOnlyList<int> DependsOn);
