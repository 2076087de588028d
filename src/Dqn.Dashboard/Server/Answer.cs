using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Dqn.Watching;

/// <summary>Answers of one kind each.</summary>
internal static class Answer
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    public static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }

    public static Task BytesAsync(HttpContext context, string type, byte[]? bytes)
    {
        if (bytes is null)
            return TextAsync(context, 404, "There is no such thing here.");
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    public static Task JsonAsync<T>(HttpContext context, T value) =>
        BytesAsync(context, "application/json", JsonSerializer.SerializeToUtf8Bytes(value, Json));
}
