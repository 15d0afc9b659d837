using System.ComponentModel.DataAnnotations;

namespace Concepts.Parts;

/// <summary>What a text says of a person. The lengths are in the schema too, so that the model cannot write on and on.</summary>
internal sealed record Person(
    [property: StringLength(30)] string Name,
    [property: Range(0, 150)] int Age,
    [property: StringLength(30)] string City);
