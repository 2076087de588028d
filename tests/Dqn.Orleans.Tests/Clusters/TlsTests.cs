using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dqn.Orleans;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Shards;
using Dqn.Tests.Media;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Connections.Security;

namespace Dqn.Tests.Clusters;

/// <summary>Two silos over real sockets, each of which shows the other its certificate, as the readme has it.</summary>
[TestFixture]
public sealed class TlsTests
{
    [Test]
    public async Task Silos_train_over_encrypted_connections()
    {
        using X509Certificate2 certificate = Certificate();
        using var folder = new TemporaryFolder();
        int handshakes = 0, port = FreePorts();
        IHost learner = Silo(0, silo => silo.AddDqnLearner(CartPoleTraining.Make(folder["run"], 1_500)));
        IHost acting = Silo(1, silo => silo.AddDqnActors(CartPoleTraining.Task, new DqnActorOptions { Environments = 2, StopsApplication = false }));
        try
        {
            await learner.StartAsync();
            await acting.StartAsync();
            await acting.Services.GetRequiredService<DqnActors>().Completion.WaitAsync(TimeSpan.FromMinutes(1));
            Assert.That(acting.Services.GetRequiredService<ReplayShard>().Counts.Inserted, Is.GreaterThanOrEqualTo(1_500));
            TrainingSession session = learner.Services.GetRequiredService<LearnerHost>().Session!;
            Assert.That(session.Parts.Learner.Steps, Is.EqualTo(1_500));
            Assert.That(handshakes, Is.GreaterThanOrEqualTo(2), "both have looked at the other's certificate");
        }
        finally
        {
            await acting.StopAsync();
            await learner.StopAsync();
            acting.Dispose();
            learner.Dispose();
        }

        IHost Silo(int number, Action<ISiloBuilder> add)
        {
            HostApplicationBuilder builder = Host.CreateApplicationBuilder();
            builder.Logging.ClearProviders();
            builder.UseOrleans(silo =>
            {
                silo.UseLocalhostClustering(port + number, gatewayPort: 0, new IPEndPoint(IPAddress.Loopback, port));
                silo.UseTls(certificate, tls =>
                {
                    tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
                    tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
                    tls.OnAuthenticateAsClient = (_, options) => options.TargetHost = "dqn.example";
                    tls.CheckCertificateRevocation = false;
                    tls.RemoteCertificateValidation = (shown, _, _) =>
                    {
                        Interlocked.Increment(ref handshakes);
                        return shown.Thumbprint == certificate.Thumbprint; // No authority has signed it.
                    };
                });
                add(silo);
            });
            return builder.Build();
        }
    }

    private static X509Certificate2 Certificate()
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=dqn.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 signed = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(signed.Export(X509ContentType.Pkcs12), null);
    }

    // Two in a row that nobody has now.
    private static int FreePorts()
    {
        for (int attempt = 0; ; attempt++)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            int port = ((IPEndPoint)first.LocalEndpoint).Port;
            using var second = new TcpListener(IPAddress.Loopback, port + 1);
            try
            {
                second.Start();
                return port;
            }
            catch (SocketException) when (attempt < 20)
            {
            }
        }
    }
}
