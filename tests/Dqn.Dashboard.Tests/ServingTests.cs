using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Dqn.Tests.Media;
using Dqn.Training;

namespace Dqn.Tests.Dashboards;

/// <summary>Who may ask for what, and where it listens.</summary>
[TestFixture]
public sealed class ServingTests
{
    private TemporaryFolder _folder = null!;
    private WatchedTraining _training = null!;
    private Page _page = null!;

    [SetUp]
    public void Listen()
    {
        _folder = new TemporaryFolder();
        _training = new WatchedTraining(_folder["run"], 100);
        _page = new Page(_training.Dashboard.Url);
    }

    [TearDown]
    public void Close()
    {
        _page.Dispose();
        _training.Dispose();
        _folder.Dispose();
    }

    [TestCase("/", "text/html")]
    [TestCase("/dashboard.css", "text/css")]
    [TestCase("/dashboard.js", "text/javascript")]
    [TestCase("/icon.svg", "image/svg+xml")]
    [TestCase("/run", "application/json")]
    public async Task Its_own_files_come_with_a_strict_policy(string path, string type)
    {
        using HttpResponseMessage answer = await _page.AskAsync(path);
        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo(type));
            string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.That(policy, Does.StartWith("default-src 'none'; script-src 'self'"));
            Assert.That(policy, Does.Not.Contain("unsafe").And.Not.Contain("http"));
            Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
            Assert.That(answer.Headers.GetValues("Cross-Origin-Resource-Policy"), Is.EqualTo(new[] { "same-origin" }));
        });
        string text = await answer.Content.ReadAsStringAsync();
        Assert.That(text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), Does.Not.Contain("http://").And.Not.Contain("https://"), "another host");
    }

    [TestCase("evil.example", HttpStatusCode.Forbidden)]
    [TestCase("127.0.0.1.evil.example", HttpStatusCode.Forbidden)]
    [TestCase("localhost", HttpStatusCode.OK)]
    [TestCase("localhost:9000", HttpStatusCode.OK)]
    public async Task On_loopback_it_answers_to_its_own_names_only(string host, HttpStatusCode expected)
    {
        using HttpResponseMessage answer = await _page.AskAsync("/run", request => request.Headers.Host = host);
        Assert.That(answer.StatusCode, Is.EqualTo(expected));
    }

    [TestCase(null, null, HttpStatusCode.Forbidden)]
    [TestCase("1", "http://evil.example", HttpStatusCode.Forbidden)]
    [TestCase("1", "null", HttpStatusCode.Forbidden)]
    [TestCase("1", "own", HttpStatusCode.NoContent)]
    [TestCase("1", null, HttpStatusCode.NoContent)]
    public async Task Orders_come_from_the_page_itself(string? header, string? origin, HttpStatusCode expected)
    {
        string own = _training.Dashboard.Url.GetLeftPart(UriPartial.Authority);
        using HttpResponseMessage answer = await _page.AskAsync("/save", request =>
        {
            if (header is not null)
                request.Headers.Add("X-Dashboard", header);
            if (origin is not null)
                request.Headers.Add("Origin", origin == "own" ? own : origin);
        }, HttpMethod.Post);
        Assert.That(answer.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Asking_orders_nothing()
    {
        foreach (string order in new[] { "/pause", "/stop" })
        {
            using HttpResponseMessage answer = await _page.AskAsync(order);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        }

        Assert.That(_training.Run.Control.IsPauseRequested || _training.Run.Control.IsStopRequested, Is.False);
        using HttpResponseMessage put = await _page.AskAsync("/pause", method: HttpMethod.Put);
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(await _page.OrderAsync("explode"), Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Elsewhere_than_at_loopback_it_wants_the_token()
    {
        using var training = new WatchedTraining(_folder["open"], 100, options: new DashboardOptions { Address = IPAddress.Any });
        Uri url = training.Dashboard.Url, here = new($"http://127.0.0.1:{url.Port}");
        Assert.That(url.Query, Does.Match("^\\?token=[0-9a-f]{32}$"));
        using (var stranger = new Page(here, cookies: true))
        {
            foreach (string path in new[] { "/", "/run", "/events", "/?token=", "/?token=0123" })
            {
                using HttpResponseMessage refused = await stranger.AskAsync(path);
                Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), path);
            }

            Assert.That(await stranger.OrderAsync("stop"), Is.EqualTo(HttpStatusCode.Unauthorized));
        }

        using var friend = new Page(here, cookies: true);
        using HttpResponseMessage first = await friend.AskAsync($"/{url.Query}");
        Assert.That((first.StatusCode, first.Headers.Location!.ToString()), Is.EqualTo((HttpStatusCode.Found, "/")));
        Assert.That(first.Headers.GetValues("Set-Cookie").Single(), Does.Contain("httponly").IgnoreCase.And.Contain("samesite=lax").IgnoreCase);
        Assert.That((await friend.JsonAsync("/run")).GetProperty("title").GetString(), Is.EqualTo("open"));
    }

    [Test]
    public void A_busy_port_is_named_with_the_cure()
    {
        int port = _training.Dashboard.Url.Port;
        Assert.That(
            () => new WatchedTraining(_folder["other"], 10, options: new DashboardOptions { Port = port }),
            Throws.InstanceOf<IOException>().With.Message.EqualTo(
                $"The dashboard cannot listen at 127.0.0.1, port {port}: another program does. Choose another port, or 0 for a free one."));
        Assert.That(() => new DashboardOptions { Port = 70_000 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_port_is_free_again_after_it_is_closed()
    {
        int port = _training.Dashboard.Url.Port;
        _training.Dashboard.Dispose();
        using var listener = new TcpListener(IPAddress.Loopback, port);
        Assert.That(listener.Start, Throws.Nothing);
    }

    [Test]
    public async Task Films_are_served_in_parts_and_nothing_else_of_the_disk()
    {
        File.WriteAllBytes(_folder["run/track 7.webm"], [1, 2, 3, 4, 5]);
        File.WriteAllText(_folder["secret.png"], "secret");
        File.CreateSymbolicLink(_folder["run/link.png"], _folder["secret.png"]);
        var films = await _page.JsonAsync("/films");
        Assert.That(films.EnumerateArray().Select(film => film.GetProperty("name").GetString()), Is.EqualTo(new[] { "track 7.webm" }));
        using HttpResponseMessage part = await _page.AskAsync("/film/track%207.webm", request => request.Headers.Range = new RangeHeaderValue(1, 2));
        Assert.That(part.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
        Assert.That(await part.Content.ReadAsByteArrayAsync(), Is.EqualTo(new byte[] { 2, 3 }));
        foreach (string name in new[] { "link.png", "..%2Fsecret.png", "%2e%2e/secret.png", "options.json", "run.lock", "" })
        {
            using HttpResponseMessage answer = await _page.AskAsync($"/film/{name}");
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), name);
        }
    }
}
