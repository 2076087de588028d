using System.Runtime.InteropServices;

namespace Dqn.Threading;

/// <summary>
/// A number that threads change, with no other data on its cache lines: processors fetch two lines of 64 bytes together.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct PaddedInt
{
    [FieldOffset(128)]
    public int Value;
}
