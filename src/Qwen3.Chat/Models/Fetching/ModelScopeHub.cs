using System.Security.Cryptography;
using System.Text;

namespace Qwen3.Chat.Models;

/// <summary>ModelScope. Its listing describes files completely.</summary>
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

        List<HubAnswers.ModelScopeFile> models =
            [.. files.OfType<HubAnswers.ModelScopeFile>().Where(file => IsModel(file.Path))];
        string commit = Commit(models);
        return new(
            [.. models.Select(file => new HubFile(
                file.Path!,
                file.Size ?? -1,
                file.Sha256 ?? "",
                commit,
                new Uri(
                    connection.Endpoint,
                    $"api/v1/models/{repository}/repo?Revision={Branch}&FilePath={Uri.EscapeDataString(file.Path!)}")))],
            IsMain: false);
    }

    public override Task<HubFile> DescribeAsync(string repository, HubFile file, CancellationToken cancellationToken) =>
        Task.FromResult(file);

    /// <summary>
    /// Returns a stand-in for the commit, which the hub does not state. The cache needs one for each snapshot, and all
    /// parts of a model must be in the same.
    /// </summary>
    private static string Commit(IEnumerable<HubAnswers.ModelScopeFile> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', files.Select(file => $"{file.Path} {file.Sha256}")))))[..40];
}
