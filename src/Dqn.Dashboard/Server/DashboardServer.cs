using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dqn.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dqn.Watching;

/// <summary>Serves the page of one run on Kestrel.</summary>
internal sealed class DashboardServer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly WatchedRun _run;
    private readonly RunFiles _files;
    private readonly Guard _guard;
    private readonly WebApplication _application;
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Listens from now on.</summary>
    /// <exception cref="IOException">It cannot listen there: the message says why and what to do.</exception>
    public DashboardServer(WatchedRun run)
    {
        DashboardOptions options = run.Options;
        (_run, _files, _guard) = (run, new RunFiles(run), new Guard(options.Address));

        // Empty: no settings of the folder or the process change what it does, and Ctrl-C stays the program's.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024;
            kestrel.Limits.MaxConcurrentConnections = 200;
            kestrel.Listen(options.Address, options.Port);
        });
        _application = builder.Build();
        _application.Run(AnswerAsync);
        try
        {
            Task.Run(() => _application.StartAsync()).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            Task.Run(async () => await _application.DisposeAsync()).GetAwaiter().GetResult();
            throw new IOException(Reason(options, exception), exception);
        }

        var listening = new Uri(_application.Services.GetRequiredService<IServer>().Features
            .GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        bool everywhere = options.Address.Equals(IPAddress.Any) || options.Address.Equals(IPAddress.IPv6Any);
        Url = new UriBuilder("http", everywhere ? Dns.GetHostName() : listening.Host, listening.Port)
        {
            Query = _guard.Token is { } token ? $"token={token}" : "",
        }.Uri;
    }

    /// <summary>Where to look, with the token if one is needed.</summary>
    public Uri Url { get; }

    /// <summary>Tells the pages that nothing more comes, and stops listening.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        Task.Run(async () =>
        {
            using var patience = new CancellationTokenSource(s_patience);
            await _application.StopAsync(patience.Token);
            await _application.DisposeAsync();
        }).GetAwaiter().GetResult();
    }

    private static string Reason(DashboardOptions options, Exception exception)
    {
        string place = $"{options.Address}, port {options.Port}";
        string message = exception.GetBaseException().Message;
        return exception is IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException }
            ? $"The dashboard cannot listen at {place}: another program does. Choose another port, or 0 for a free one."
            : exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.AccessDenied }
            ? $"The dashboard may not listen at {place}. Choose a port from 1024 on, or 0 for a free one."
            : $"The dashboard cannot listen at {place}: {message}. Choose another address or port.";
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!await _guard.AllowsAsync(context))
            return;
        try
        {
            await (HttpMethods.IsPost(context.Request.Method) ? OrderAsync(context)
                : HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? ShowAsync(context)
                : Answer.TextAsync(context, 405, "Expected GET, HEAD or POST."));
        }
        catch (OperationCanceledException)
        {
            // Whoever asked is gone.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException
            && !context.Response.HasStarted)
        {
            await Answer.TextAsync(context, 500, exception.Message);
        }
    }

    private Task ShowAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "/";
        if (_guard.Token is not null && path == "/" && context.Request.Query.ContainsKey("token"))
        {
            context.Response.Redirect("/"); // with the cookie
            return Task.CompletedTask;
        }

        return path switch
        {
            "/events" when HttpMethods.IsGet(context.Request.Method) => new EventStream(_run, context, _closing.Token).RunAsync(),
            "/run" => Answer.JsonAsync(context, Describe()),
            "/options" => Answer.JsonAsync(context, FinishedRun.ReadOptions(_run.Folder) ?? new JsonObject()),
            "/picture/agent" => Answer.BytesAsync(context, "image/png", _run.Moments?.AgentPicture()),
            "/picture/person" => Answer.BytesAsync(context, "image/png", _run.Moments?.PersonPicture()),
            "/runs" => Answer.JsonAsync(context, _files.OtherRuns()),
            "/curves" => Answer.BytesAsync(context, "application/json", _files.Curves(context.Request.Query["run"].ToString())),
            "/films" => Answer.JsonAsync(context, _files.Films().Select(film => new
            {
                film.Name,
                film.Type,
                film.Bytes,
                Changed = new DateTimeOffset(film.Changed).ToUnixTimeMilliseconds(),
            })),
            _ when path.StartsWith("/film/", StringComparison.Ordinal) => FilmAsync(context, path["/film/".Length..]),
            _ => Assets.At(path) is { } file
                ? Answer.BytesAsync(context, file.Type, file.Bytes)
                : Answer.BytesAsync(context, "", null),
        };
    }

    private Task FilmAsync(HttpContext context, string name) => _files.Film(name) is { } film
        ? Results.File(film.Path, film.Type, enableRangeProcessing: true).ExecuteAsync(context)
        : Answer.BytesAsync(context, "", null);

    private Task OrderAsync(HttpContext context)
    {
        if (_run.Control is not { } control || _run.Ending is not null)
            return Answer.TextAsync(context, 409, "The training is over.");
        switch (context.Request.Path.Value)
        {
            case "/pause":
                control.Pause();
                _run.Log.Add("Asked to pause.");
                break;
            case "/continue":
                control.Continue();
                _run.Log.Add("Asked to go on.");
                break;
            case "/save":
                control.Save();
                _run.Log.Add("Asked to save a checkpoint.");
                break;
            case "/stop":
                control.Stop();
                _run.Log.Add("Asked to stop.");
                break;
            default:
                return Answer.TextAsync(context, 404, "Expected /pause, /continue, /save or /stop.");
        }

        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private object Describe() => new
    {
        _run.Title,
        _run.Folder,
        _run.Environment,
        _run.Actions,
        _run.Options.Solved,
        Live = _run.Control is not null,
        Frames = _run.Moments?.Frames ?? 0,
        Picture = _run.Moments?.HasPicture ?? false,
    };

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
