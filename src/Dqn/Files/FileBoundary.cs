using System.Text.Json;

namespace Dqn.Files;

/// <summary>
/// Where a reader of files ends: whatever goes wrong while it works on a file's content, its caller gets
/// <see cref="InvalidDataException"/>. What says that the file cannot be read at all (<see cref="IOException"/> and
/// <see cref="UnauthorizedAccessException"/> from the system) passes.
/// </summary>
internal static class FileBoundary
{
    /// <summary>Reads; the caller's own arguments have been checked before.</summary>
    /// <param name="read">The reader.</param>
    /// <param name="place">Which file, to begin the message with; null where the caller adds that.</param>
    /// <exception cref="InvalidDataException">The content is damaged, too large, or something else.</exception>
    public static T Read<T>(Func<T> read, string? place = null)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException exception) when (place is not null)
        {
            throw new InvalidDataException($"{place}: {exception.Message}", exception);
        }
        catch (Exception exception) when (IsAboutContent(exception))
        {
            string message = $"The content cannot be read: {FileText.Plain(exception.Message)}";
            throw new InvalidDataException(place is null ? message : $"{place}: {message}", exception);
        }
    }

    /// <summary>Whether what was thrown says that content was not as expected.</summary>
    public static bool IsAboutContent(Exception exception) => exception is ArithmeticException or ArgumentException
        or FormatException or OutOfMemoryException or JsonException
        or NotSupportedException and not PlatformNotSupportedException
        or InvalidOperationException or InvalidCastException or IndexOutOfRangeException or KeyNotFoundException
        or NullReferenceException or EndOfStreamException;
}
