using System.Text.Json.Nodes;
using Dqn.Files;

namespace Dqn.Identity;

/// <summary>JSON from files.</summary>
internal static class StrictJson
{
    private static readonly System.Text.Json.JsonDocumentOptions s_options = new() { AllowDuplicateProperties = false };

    /// <summary>
    /// Parses a text to its last character: no name occurs twice, and every text in it can be decoded (half a surrogate pair,
    /// <c>"\ud800"</c>, would else throw from whoever asks for it first).
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="expected">What it should be, for the message: "a JSON object".</param>
    /// <exception cref="InvalidDataException">It is not JSON.</exception>
    public static JsonNode? Parse(string text, string expected)
    {
        try
        {
            JsonNode? node = JsonNode.Parse(text, documentOptions: s_options);
            _ = node?.ToJsonString();
            return node;
        }
        catch (Exception exception) when (FileBoundary.IsAboutContent(exception))
        {
            throw new InvalidDataException($"Expected {expected}: {FileText.Plain(exception.Message)}", exception);
        }
    }
}
