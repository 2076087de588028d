using System.Runtime.CompilerServices;
using Microsoft.Playwright;

namespace Dqn.Tests.Dashboards;

/// <summary>Debian's chromium, or the one that DQN_CHROMIUM names, driven by Playwright; nothing is downloaded.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Where screenshots are kept, to be looked at.</summary>
    public static string Artifacts { get; } = Path.GetFullPath(Path.Combine(ThisFolder(), "..", "..", "artifacts", "dashboard"));

    public static async Task<Browser> StartAsync()
    {
        IPlaywright playwright = await Playwright.CreateAsync();
        return new Browser(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("DQN_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox"],
        }));
    }

    /// <summary>A page that fails the test with whatever the console complains of.</summary>
    public async Task<IPage> OpenAsync(
        Uri url, List<string> complaints, int width = 1440, int height = 900, bool dark = false, bool phone = false)
    {
        IBrowserContext context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            DeviceScaleFactor = phone ? 2 : 1,
            HasTouch = phone,
            IsMobile = phone,
        });
        IPage page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Add($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, message) => complaints.Add(message);
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != url.Authority)
                complaints.Add($"another host: {request.Url}");
        };
        await page.GotoAsync(url.ToString());
        return page;
    }

    public static async Task ShootAsync(IPage page, string name)
    {
        await page.EvaluateAsync("scrollTo(0, 0)");
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Artifacts, name), FullPage = true });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static string ThisFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
