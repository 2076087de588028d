using System.Net;
using System.Text.Json;

namespace Dqn.Tests.Dashboards;

/// <summary>What a browser does, by hand: asks, orders, and reads the events.</summary>
internal sealed class Page : IDisposable
{
    /// <summary>How long a test waits for what has to come; it only ends tests that hang.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _client;
    private readonly CancellationTokenSource _patience = new(Patience);
    private StreamReader? _events;

    public Page(Uri url, bool cookies = false)
    {
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = cookies })
        {
            BaseAddress = new Uri(url.GetLeftPart(UriPartial.Authority)),
        };
    }

    public Task<HttpResponseMessage> AskAsync(string path, Action<HttpRequestMessage>? change = null, HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        change?.Invoke(request);
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _patience.Token);
    }

    public async Task<HttpStatusCode> OrderAsync(string name)
    {
        using HttpResponseMessage answer = await AskAsync($"/{name}", request => request.Headers.Add("X-Dashboard", "1"), HttpMethod.Post);
        return answer.StatusCode;
    }

    public async Task<byte[]> BytesAsync(string path)
    {
        using HttpResponseMessage answer = await AskAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        return await answer.Content.ReadAsByteArrayAsync(_patience.Token);
    }

    public async Task<JsonElement> JsonAsync(string path) => JsonDocument.Parse(await BytesAsync(path)).RootElement;

    /// <summary>The next event of a name that <paramref name="wanted"/> accepts; others are skipped.</summary>
    public async Task<JsonElement> EventAsync(string name, Func<JsonElement, bool>? wanted = null)
    {
        _events ??= new StreamReader(await (await AskAsync("/events")).Content.ReadAsStreamAsync(_patience.Token));
        string current = "";
        while (await _events.ReadLineAsync(_patience.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                current = line["event: ".Length..];
            if (!line.StartsWith("data: ", StringComparison.Ordinal) || current != name)
                continue;
            JsonElement data = JsonDocument.Parse(line["data: ".Length..]).RootElement;
            if (wanted is null || wanted(data))
                return data;
        }

        throw new InvalidOperationException($"The events ended before one of '{name}' that was wanted.");
    }

    public Task<JsonElement> StateAsync(string state) =>
        EventAsync("status", status => status.GetProperty("state").GetString() == state);

    /// <summary>Reads what is left, to the end of the connection.</summary>
    public async Task<string> RestAsync() => await _events!.ReadToEndAsync(_patience.Token);

    public void Dispose()
    {
        _events?.Dispose();
        _client.Dispose();
        _patience.Dispose();
    }
}
