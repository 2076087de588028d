using System.Text;

namespace Dqn.CarRacing.Native;

/// <summary>What the calling thread's last failed call had to say, in UTF-8.</summary>
internal static class LastError
{
    [ThreadStatic]
    private static byte[]? s_message;

    /// <summary>Keeps an exception's message and gives what the call returns for it.</summary>
    public static int Of(Exception exception)
    {
        s_message = Encoding.UTF8.GetBytes(exception.Message);
        return exception switch
        {
            ArgumentException => 1,
            InvalidOperationException => 2,
            _ => 3,
        };
    }

    /// <summary>Writes as much of the message as there is room for.</summary>
    /// <returns>The bytes of the whole message.</returns>
    public static int Copy(Span<byte> destination)
    {
        ReadOnlySpan<byte> message = s_message ?? [];
        message[..Math.Min(message.Length, destination.Length)].CopyTo(destination);
        return message.Length;
    }
}
