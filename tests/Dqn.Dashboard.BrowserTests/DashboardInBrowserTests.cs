using System.Globalization;
using Dqn.Tests.Media;
using Dqn.Training;
using Dqn.Values;
using Microsoft.Playwright;

namespace Dqn.Tests.Dashboards;

/// <summary>The page in a real browser. What it looks like is kept in artifacts/dashboard.</summary>
[TestFixture]
public sealed class DashboardInBrowserTests
{
    private static readonly LocatorWaitForOptions s_patience = new() { Timeout = 60_000 };

    private readonly List<string> _complaints = [];
    private Browser _browser = null!;
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _browser = await Browser.StartAsync();

    [OneTimeTearDown]
    public async Task EndAsync() => await _browser.DisposeAsync();

    [SetUp]
    public void SetUp()
    {
        _complaints.Clear();
        _folder = new TemporaryFolder();
    }

    [TearDown]
    public void TearDown()
    {
        _folder.Dispose();
        Assert.That(_complaints, Is.Empty);
    }

    [Test]
    public async Task The_curve_grows_and_the_pictures_change_without_a_reload()
    {
        using WatchedTraining training = Train();
        IPage page = await _browser.OpenAsync(training.Dashboard.Url, _complaints);
        await using IBrowserContext open = page.Context;
        await page.EvaluateAsync("window.loadedOnce = true");
        await WaitAsync(page, "document.querySelector('#person').dataset.step > 0 && document.querySelector('#agent').dataset.step > 0");
        string curve = await PixelsAsync(page, ".chart canvas"), person = await PixelsAsync(page, "#person"), agent = await PixelsAsync(page, "#agent");
        long points = await PointsAsync(page);
        await WaitAsync(page, $"Number(/(\\d+) points/.exec(document.querySelectorAll('.chart canvas')[1].getAttribute('aria-label'))?.[1]) > {points + 3}");
        await ChangesAsync(page, ".chart canvas", curve);
        await ChangesAsync(page, "#person", person);
        await ChangesAsync(page, "#agent", agent);
        Assert.That(await page.EvaluateAsync<bool>("window.loadedOnce"), Is.True);
        Assert.That(await page.Locator("#values .chosen").CountAsync(), Is.EqualTo(1));
        await WaitAsync(page, "document.querySelectorAll('#tracks-rows tr').length === 4");
        Assert.That(await page.Locator("#options").TextContentAsync(), Does.Contain("batchSize"));
    }

    [Test]
    public async Task Pause_pauses_save_saves_and_stop_stops()
    {
        using WatchedTraining training = Train(options => options with { CheckpointInterval = 10_000_000 });
        IPage page = await _browser.OpenAsync(training.Dashboard.Url, _complaints);
        await using IBrowserContext open = page.Context;
        await StateAsync(page, "training");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await StateAsync(page, "paused");
        long stood = training.Run.Steps;
        await page.WaitForTimeoutAsync(400);
        Assert.That(training.Run.Steps, Is.EqualTo(stood));

        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.Locator("#log", new() { HasText = "Checkpoint saved" }).WaitForAsync(s_patience);
        Assert.That(Directory.EnumerateFileSystemEntries(_folder["run/checkpoints"]), Is.Not.Empty);

        await page.Keyboard.PressAsync("p");
        await StateAsync(page, "training");
        await WaitAsync(page, $"Number(document.querySelector('#f-step').textContent.replaceAll(',', '')) > {stood}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        Assert.That(training.Run.Control.IsStopRequested, Is.False, "it asks first");
        await page.GetByRole(AriaRole.Button, new() { Name = "Really stop?" }).ClickAsync();
        await StateAsync(page, "stopped");
        await training.EndAsync();
        Assert.That(await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).IsDisabledAsync(), Is.True);

        // The program ends; the page says so and stays.
        training.Dashboard.Dispose();
        await page.Locator("#state", new() { HasText = "the program has ended" }).WaitForAsync(s_patience);
        Assert.That(await page.Locator("#values li").CountAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task Curves_zoom_by_keyboard_mouse_and_wheel()
    {
        using Dashboard dashboard = Dashboard.Open(Results("fast-1"));
        IPage page = await _browser.OpenAsync(dashboard.Url, _complaints);
        await using IBrowserContext open = page.Context;
        await WaitAsync(page, "/ points/.test(document.querySelector('.chart canvas').getAttribute('aria-label'))");
        ILocator range = page.Locator("#range"), canvas = page.Locator(".chart canvas").First;
        await page.Keyboard.PressAsync("Tab");
        Assert.That(await page.EvaluateAsync<string>("document.activeElement.className"), Is.EqualTo("skip"));
        await canvas.FocusAsync();
        await page.Keyboard.PressAsync("+");
        await page.Keyboard.PressAsync("+");
        (double from, double to) = Range(await range.TextContentAsync());
        Assert.That(to - from, Is.EqualTo(490_000).Within(2));
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.That(Range(await range.TextContentAsync()).From, Is.GreaterThan(from));
        await Browser.ShootAsync(page, "zoomed.png");
        await page.Keyboard.PressAsync("0");
        Assert.That(await range.TextContentAsync(), Is.EqualTo("all steps"));

        await canvas.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await canvas.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width * 0.3f, box.Y + 80);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width * 0.6f, box.Y + 90, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        (from, to) = Range(await range.TextContentAsync());
        Assert.That(from, Is.InRange(200_000, 330_000));
        Assert.That(to, Is.InRange(550_000, 650_000));
        await page.Mouse.WheelAsync(0, -100);
        (double closer, double nearer) = Range(await range.TextContentAsync());
        Assert.That(nearer - closer, Is.LessThan(to - from));
        await canvas.DblClickAsync();
        Assert.That(await range.TextContentAsync(), Is.EqualTo("all steps"));
    }

    [Test]
    public async Task A_run_that_is_over_opens_and_is_compared()
    {
        using Dashboard dashboard = Dashboard.Open(Results("fast-1"), new DashboardOptions { Solved = 900 });
        IPage page = await _browser.OpenAsync(dashboard.Url, _complaints);
        await using IBrowserContext open = page.Context;
        await StateAsync(page, "over");
        Assert.That(await page.Locator("#orders").IsVisibleAsync(), Is.False);
        await WaitAsync(page, "document.querySelectorAll('#tracks-rows tr').length >= 100");
        string alone = await PixelsAsync(page, ".chart canvas");
        await page.GetByText("Compare with earlier runs").ClickAsync();
        await page.GetByLabel("fast-2").CheckAsync();
        await page.GetByLabel("nature").CheckAsync();
        await page.Locator("#legend", new() { HasText = "nature" }).WaitForAsync(s_patience);
        await ChangesAsync(page, ".chart canvas", alone);
        await Browser.ShootAsync(page, "over.png");
    }

    [TestCase("light.png", 1440, 900, false, false)]
    [TestCase("dark.png", 1440, 900, true, false)]
    [TestCase("phone.png", 390, 844, false, true)]
    [TestCase("phone-dark.png", 390, 844, true, true)]
    public async Task It_fits_and_is_kept_as_a_picture(string name, int width, int height, bool dark, bool phone)
    {
        using WatchedTraining training = Train();
        IPage page = await _browser.OpenAsync(training.Dashboard.Url, _complaints, width, height, dark, phone);
        await using IBrowserContext open = page.Context;
        await WaitAsync(page, "document.querySelector('#person').dataset.step > 1500");
        Assert.That(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(width), "nothing is wider than the screen");
        string background = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        Assert.That(background, Is.EqualTo(dark ? "rgb(16, 19, 24)" : "rgb(244, 245, 247)"));
        Assert.That(await LowContrastsAsync(page), Is.Empty);
        await Browser.ShootAsync(page, name);
    }

    private WatchedTraining Train(Func<TrainingRunOptions, TrainingRunOptions>? change = null) => new WatchedTraining(
        _folder["run"], 100_000_000, task: new Chase { Delay = TimeSpan.FromMilliseconds(1) },
        options: new DashboardOptions { ActionNames = ["left", "stay", "right"], Solved = 0.5 },
        distribution: new QuantileDistribution(32), change: change).Begin();

    private static string Results(string run, [System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "..", "..", "samples", "CarRacing", "results", run);

    private static Task WaitAsync(IPage page, string condition) =>
        page.WaitForFunctionAsync($"() => {condition}", null, new() { Timeout = 60_000 });

    private static Task StateAsync(IPage page, string state) =>
        page.Locator($"#state[data-state='{state}']").WaitForAsync(s_patience);

    private static Task<string> PixelsAsync(IPage page, string canvas) =>
        page.Locator(canvas).First.EvaluateAsync<string>("canvas => canvas.toDataURL()");

    private static Task ChangesAsync(IPage page, string canvas, string before) => page.WaitForFunctionAsync(
        "([canvas, before]) => document.querySelector(canvas).toDataURL() !== before", new[] { canvas, before }, new() { Timeout = 60_000 });

    private static async Task<long> PointsAsync(IPage page) => await page.EvaluateAsync<long>(
        "Number(/(\\d+) points/.exec(document.querySelectorAll('.chart canvas')[1].getAttribute('aria-label'))?.[1] ?? 0)");

    private static (double From, double To) Range(string? text)
    {
        string[] ends = text!.Replace("steps ", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal).Split(" – ");
        return (double.Parse(ends[0], CultureInfo.InvariantCulture), double.Parse(ends[1], CultureInfo.InvariantCulture));
    }

    // Text whose contrast with what is behind it is below WCAG's 4.5 to 1; disabled buttons are exempt.
    private static Task<string[]> LowContrastsAsync(IPage page) => page.EvaluateAsync<string[]>(
        """
        () => {
          const parse = text => (text.match(/[\d.]+/g) ?? []).map(Number);
          const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
          const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
          const over = ([r, g, b, a = 1], under) => [r, g, b].map((value, i) => value * a + under[i] * (1 - a));
          const behind = element => {
            const layers = [];
            for (let at = element; at; at = at.parentElement) {
              const color = parse(getComputedStyle(at).backgroundColor);
              if (color.length && color[3] !== 0) { layers.push(color); if (color[3] === undefined) break; }
            }
            return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
          };
          const found = [];
          for (const element of document.body.querySelectorAll("*")) {
            const text = [...element.childNodes].filter(node => node.nodeType === 3 && node.data.trim()).map(node => node.data.trim()).join(" ");
            if (!text || element.disabled || !element.checkVisibility()) continue;
            const back = behind(element), front = over(parse(getComputedStyle(element).color), back);
            const [light, dark] = [luminance(front), luminance(back)].sort((a, b) => b - a);
            const contrast = (light + 0.05) / (dark + 0.05);
            if (contrast < 4.5) found.push(`${text.slice(0, 30)}: ${contrast.toFixed(2)}`);
          }
          return found;
        }
        """);
}
