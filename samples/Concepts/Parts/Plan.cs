using System.ComponentModel.DataAnnotations;

namespace Concepts.Parts;

internal sealed record Plan([property: Length(1, 6)] IReadOnlyList<PlanStep> Steps);
