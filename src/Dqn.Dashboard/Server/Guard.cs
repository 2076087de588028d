using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Dqn.Watching;

/// <summary>
/// Who may ask. On loopback whoever is on this machine, by one of its own names, so that no website can reach it through a
/// name that it made point here (DNS rebinding). Elsewhere whoever has the token. Orders come from the page itself alone.
/// </summary>
internal sealed class Guard(IPAddress address)
{
    /// <summary>The header that every order has; another site's page cannot send it without asking first, which is refused.</summary>
    public const string OrderHeader = "X-Dashboard";

    private static readonly string[] s_ownNames = ["localhost", "127.0.0.1", "[::1]"];

    private readonly string _cookie = "dashboard-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    /// <summary>What has to be known; null where being on this machine is enough.</summary>
    public string? Token { get; } =
        IPAddress.IsLoopback(address) ? null : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Answers a request that may not be made.</summary>
    /// <returns>Whether it may be made, and nothing has been answered.</returns>
    public async Task<bool> AllowsAsync(HttpContext context)
    {
        SetHeaders(context.Response.Headers);
        if (Token is null ? !IsOwnName(context.Request.Host.Host) : !HasToken(context))
        {
            bool named = Token is null;
            await Answer.TextAsync(context, named ? 403 : 401, named
                ? "This page answers to localhost and 127.0.0.1 only."
                : "Open the page by the whole address that the program printed, with its token.");
            return false;
        }

        if (HttpMethods.IsPost(context.Request.Method) && !IsOwnOrder(context.Request))
        {
            await Answer.TextAsync(context, 403, $"An order has to come from the page itself, with the header {OrderHeader}.");
            return false;
        }

        return true;
    }

    private bool IsOwnName(string host) =>
        s_ownNames.Contains(host, StringComparer.OrdinalIgnoreCase) || host == address.ToString();

    // Once in the address, then in a cookie, so that it does not stay in the address bar.
    private bool HasToken(HttpContext context)
    {
        if (IsToken(context.Request.Query["token"]))
        {
            context.Response.Cookies.Append(_cookie, Token!, new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Lax,
                IsEssential = true,
                Path = "/",
            });
            return true;
        }

        return IsToken(context.Request.Cookies[_cookie]);
    }

    private bool IsToken(string? given) => given is not null && CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(Token!));

    private static bool IsOwnOrder(HttpRequest request)
    {
        if (request.Headers[OrderHeader] != "1")
            return false;
        string? origin = request.Headers.Origin;
        return origin is null || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) &&
            string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
    }
}
