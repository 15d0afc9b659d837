using System.Security.Cryptography;
using System.Text;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>ModelScope, whose listing says everything of a file.</summary>
internal sealed class ModelScopeHub(HubConnection connection) : ModelHub
{
    private const string Branch = "master";

    public override async Task<HubListing> ListAsync(string repository, CancellationToken cancellationToken)
    {
        string path = $"api/v1/models/{repository}/repo/files?Revision={Branch}&Recursive=True";
        HubAnswers.ModelScopeFiles answer = await connection.GetJsonAsync(
            repository, path, HubJson.Default.ModelScopeFiles, cancellationToken).ConfigureAwait(false);
        if (answer is not { Data.Files: { } files } || answer.Code is not (null or 200))
        {
            throw connection.Unreadable(repository, $"it has no list of files (code {answer.Code}: {answer.Message})");
        }

        return new(
            [.. files.Where(file => IsModel(file?.Path)).Select(file => new HubFile(
                file!.Path!,
                file.Size ?? -1,
                file.Sha256 ?? "",
                Commit(repository, file.Revision),
                new Uri(connection.Endpoint, $"api/v1/models/{repository}/repo?Revision={Branch}&FilePath={Uri.EscapeDataString(file.Path!)}")))],
            IsMain: false);
    }

    public override Task<HubFile> DescribeAsync(string repository, HubFile file, CancellationToken cancellationToken) => Task.FromResult(file);

    /// <summary>The commit of a file, or a name that is as good, since every snapshot in the cache has one.</summary>
    private static string Commit(string repository, string? revision) =>
        revision is not null && HubNames.IsCommit(revision)
            ? revision
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("modelscope/" + repository)))[..40];
}
