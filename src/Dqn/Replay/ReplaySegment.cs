using System.Runtime.Intrinsics.X86;

namespace Dqn.Replay;

/// <summary>A run of the buffer's places, allocated when its first place is used.</summary>
/// <param name="places">How many places it has.</param>
/// <param name="frameBytes">The bytes of one frame.</param>
/// <param name="maskedActions">How many actions' legality is kept with each frame; 0: none.</param>
internal sealed class ReplaySegment(int places, int frameBytes, int maskedActions)
{
    /// <summary>Bytes per place beside frame and mask: action, reward, flags.</summary>
    public const int BytesBesideFrame = sizeof(int) + sizeof(float) + sizeof(ReplayFlags);

    private readonly int _maskBytes = LegalActionBits.Bytes(maskedActions);
    private readonly byte[] _legalActions = new byte[checked(places * LegalActionBits.Bytes(maskedActions))];
    private readonly byte[] _frames = GC.AllocateUninitializedArray<byte>(checked(places * frameBytes));

    /// <summary>[places]: the action taken at the frame, where there is a transition.</summary>
    public readonly int[] Actions = new int[places];

    /// <summary>[places]: the reward it gave.</summary>
    public readonly float[] Rewards = new float[places];

    /// <summary>[places].</summary>
    public readonly ReplayFlags[] Flags = new ReplayFlags[places];

    /// <summary>Bytes per place beside the frame, mask included.</summary>
    public static int BytesBeside(int maskedActions) => BytesBesideFrame + LegalActionBits.Bytes(maskedActions);

    /// <summary>Which actions are legal at a place's frame: <see cref="LegalActionBits"/>.</summary>
    public Span<byte> LegalActions(int place) => LegalActions(place, 1);

    /// <summary>The masks of <paramref name="count"/> places.</summary>
    public Span<byte> LegalActions(int place, int count) => _legalActions.AsSpan(place * _maskBytes, count * _maskBytes);

    /// <summary>The frames of <paramref name="count"/> places, [count, frameBytes].</summary>
    public Span<byte> Frames(int place, int count) => _frames.AsSpan(place * frameBytes, count * frameBytes);

    /// <summary>
    /// Says that frames will soon be read, so that the start of each page of their memory is fetched meanwhile. The
    /// processor fetches the rest ahead by itself, but never across a page's border.
    /// </summary>
    public unsafe void Expect(int place, int count)
    {
        const int PageBytes = 4096;
        if (!Sse.IsSupported)
            return;
        fixed (byte* frames = _frames)
        {
            byte* line = frames + place * frameBytes;
            for (byte* end = line + count * frameBytes; line < end; line = (byte*)(((nint)line | (PageBytes - 1)) + 1))
                Sse.Prefetch1(line);
        }
    }
}
