using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Concepts.Parts;

/// <summary>
/// The facts about a person in a text. The schema has the lengths, too, which bound the answer.
/// </summary>
internal sealed record Person(
    [property: JsonPropertyName("name"), StringLength(30)] string Name,
    [property: JsonPropertyName("age"), Range(0, 150)] int Age,
    [property: JsonPropertyName("city"), StringLength(30)] string City);
