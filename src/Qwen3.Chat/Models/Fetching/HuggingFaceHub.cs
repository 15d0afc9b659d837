using System.Globalization;
using System.Net.Http.Headers;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>The Hugging Face Hub: its listing has the commit and the checksums, and its answer about a file has them again.</summary>
internal sealed class HuggingFaceHub(HubConnection connection) : ModelHub
{
    public override async Task<HubListing> ListAsync(string repository, CancellationToken cancellationToken)
    {
        string path = $"api/models/{repository}/revision/main?blobs=true";
        HubAnswers.HuggingFaceModel model = await connection.GetJsonAsync(
            repository, path, HubJson.Default.HuggingFaceModel, cancellationToken).ConfigureAwait(false);
        if (model is not { Commit: { } commit, Files: not null } || !HubNames.IsCommit(commit))
        {
            throw connection.Unreadable(repository, "it names no commit and no files");
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

    public override async Task<HubFile> DescribeAsync(string repository, HubFile file, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await connection.HeadAsync(repository, file, cancellationToken).ConfigureAwait(false);
        string? linked = Value(response.Headers, "X-Linked-ETag");
        string checksum = (linked ?? response.Headers.ETag?.Tag ?? "").Replace("W/", "", StringComparison.Ordinal).Trim('"');
        long size = long.TryParse(Value(response.Headers, "X-Linked-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out long linkedSize)
            ? linkedSize
            : linked is null && response.IsSuccessStatusCode ? response.Content.Headers.ContentLength ?? -1
            : file.Size;
        if (file.Checksum.Length > 0 && HubNames.IsChecksum(checksum) && checksum != file.Checksum)
        {
            throw connection.Unreadable(repository, $"it gives {file.Path} the checksum {file.Checksum} in one place and {checksum} in another");
        }

        return file with { Checksum = file.Checksum.Length > 0 ? file.Checksum : checksum, Size = file.Size >= 0 ? file.Size : size };
    }

    private static string? Value(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;
}
