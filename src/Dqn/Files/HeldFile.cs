namespace Dqn.Files;

/// <summary>
/// Files that another program holds for a moment. Only Windows refuses to replace them: a virus scanner or an indexer
/// looks at each new file, and a spreadsheet keeps its own for as long as it is open.
/// </summary>
internal static class HeldFile
{
    private const int SharingViolation = unchecked((int)0x80070020), LockViolation = unchecked((int)0x80070021);

    /// <summary>Does it, and where another program holds the file again after 20, 60 and 180 ms.</summary>
    public static void Retry(Action replace)
    {
        for (int wait = 20; ; wait *= 3)
        {
            try
            {
                replace();
                return;
            }
            catch (Exception e) when (wait <= 180 && IsHeld(e))
            {
                Thread.Sleep(wait);
            }
        }
    }

    private static bool IsHeld(Exception e) => OperatingSystem.IsWindows()
        && (e is UnauthorizedAccessException || e.HResult is SharingViolation or LockViolation);
}
