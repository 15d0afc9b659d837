using System.Globalization;
using System.Net.Http.Headers;

namespace Qwen3.Chat.Models;

/// <summary>
/// The Hugging Face Hub. Its listing has the commit and the checksums; some mirrors have them in the headers of a file
/// only.
/// </summary>
internal sealed class HuggingFaceHub(HubConnection connection) : ModelHub
{
    public override async Task<HubListing> ListAsync(string repository, CancellationToken cancellationToken)
    {
        string path = $"api/models/{repository}/revision/main?blobs=true";
        HubAnswers.HuggingFaceModel model = await connection.GetJsonAsync(
            repository, path, HubJson.Default.HuggingFaceModel, cancellationToken).ConfigureAwait(false);
        if (model is not { Commit: { } commit, Files: not null } || !HubNames.IsCommit(commit))
        {
            throw connection.Unreadable(repository, "it has no commit and no files");
        }

        return new(
            [.. model.Files.Where(file => IsModel(file?.Path)).Select(file => new HubFile(
                file!.Path!,
                file.Lfs?.Size ?? file.Size ?? -1,
                file.Lfs?.Sha256 ?? "",
                commit,
                new Uri(connection.Endpoint, $"{repository}/resolve/{commit}/{Escape(file.Path!)}")))],
            IsMain: true);
    }

    public override async Task<HubFile> DescribeAsync(
        string repository, HubFile file, CancellationToken cancellationToken)
    {
        if (HubNames.IsChecksum(file.Checksum) && file.Size > 0)
        {
            return file;
        }

        using HttpResponseMessage response = await connection.HeadAsync(repository, file, cancellationToken)
            .ConfigureAwait(false);
        string? linked = Value(response.Headers, "X-Linked-ETag");
        string checksum = (linked ?? response.Headers.ETag?.Tag ?? "").Replace("W/", "", StringComparison.Ordinal)
            .Trim('"');
        string? linkedSize = Value(response.Headers, "X-Linked-Size");
        long size = long.TryParse(linkedSize, NumberStyles.None, CultureInfo.InvariantCulture, out long parsed) ? parsed
            : linked is null && response.IsSuccessStatusCode
            ? response.Content.Headers.ContentRange?.Length ?? response.Content.Headers.ContentLength ?? -1
            : file.Size;
        return file with
        {
            Checksum = file.Checksum.Length > 0 ? file.Checksum : checksum,
            Size = file.Size > 0 ? file.Size : size,
        };
    }

    private static string? Value(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;
}
