namespace Dqn.Benchmarks;

/// <summary>What a browser asks of a dashboard: the events, and each picture as it is announced. It decodes and draws none.</summary>
internal sealed class Watcher(Uri url)
{
    /// <summary>How many pictures have come, of both kinds.</summary>
    public long Pictures { get; private set; }

    /// <summary>How many bytes have come.</summary>
    public long Bytes { get; private set; }

    /// <summary>Watches until it is cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = url };
        try
        {
            using var events = new StreamReader(await client.GetStreamAsync("/events", cancellationToken));
            while (await events.ReadLineAsync(cancellationToken) is { } line)
            {
                Bytes += line.Length;
                string? picture = line switch
                {
                    "event: moment" => "/picture/agent",
                    "event: picture" => "/picture/person",
                    _ => null,
                };
                if (picture is null)
                    continue;
                using HttpResponseMessage answer = await client.GetAsync(picture, cancellationToken);
                if (!answer.IsSuccessStatusCode)
                    continue;
                Bytes += (await answer.Content.ReadAsByteArrayAsync(cancellationToken)).Length;
                Pictures++;
            }
        }
        catch (OperationCanceledException)
        {
            // Seen enough.
        }
    }
}
