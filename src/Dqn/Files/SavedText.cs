namespace Dqn.Files;

/// <summary>Texts in saved states, each preceded by its length.</summary>
internal static class SavedText
{
    // IOException's own. One that the system caused has the system's number.
    private const int NotTheSystem = unchecked((int)0x80131620);

    /// <summary>
    /// As <see cref="BinaryReader.ReadString"/>, which calls an impossible length an <see cref="IOException"/>, as if the disk
    /// had failed.
    /// </summary>
    /// <exception cref="InvalidDataException">The length is impossible.</exception>
    /// <exception cref="EndOfStreamException">The data ends within the text.</exception>
    public static string ReadText(this BinaryReader reader)
    {
        try
        {
            return reader.ReadString();
        }
        catch (Exception exception) when (
            exception is FormatException || (exception is IOException { HResult: NotTheSystem } and not EndOfStreamException))
        {
            throw new InvalidDataException($"Expected a text and its length. {exception.Message}", exception);
        }
    }
}
