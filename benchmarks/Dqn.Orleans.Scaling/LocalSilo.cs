using System.Net;
using Dqn.Orleans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Dqn.Benchmarks;

/// <summary>A silo of a cluster on this machine: silos talk over TCP, whether or not they are in the same process.</summary>
internal sealed class LocalSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private LocalSilo(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    /// <summary>What its actors have done; null: it has none.</summary>
    public DqnActors? Actors => Services.GetService<DqnActors>();

    /// <summary>Ends when the program is asked to.</summary>
    public Task Shutdown => _host.WaitForShutdownAsync();

    /// <summary>Starts one.</summary>
    /// <param name="port">Where the cluster's first silo listens; the others count up from there.</param>
    /// <param name="number">Which silo it is, from 0.</param>
    /// <param name="configure">What it does.</param>
    public static async Task<LocalSilo> StartAsync(int port, int number, Action<ISiloBuilder> configure)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Dqn", LogLevel.Information).AddFilter("Orleans", LogLevel.Error);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(
                port + number, port + Gateways + number, number == 0 ? null : new IPEndPoint(IPAddress.Loopback, port));

            // Where other programs have the processors, a silo may be very late; none dies here.
            configure(silo);
            silo.Configure<ClusterMembershipOptions>(options =>
                (options.ProbeTimeout, options.NumMissedProbesLimit) = (TimeSpan.FromSeconds(30), 10));
        });
        IHost host = builder.Build();
        await host.StartAsync();
        return new LocalSilo(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private const int Gateways = 100; // Clients' ports, which nobody uses.
}
