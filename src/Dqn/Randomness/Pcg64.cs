using System.Runtime.InteropServices;

namespace Dqn.Randomness;

/// <summary>
/// NumPy's default random generator, <c>Generator(PCG64(seed))</c>, number for number: what Gymnasium's
/// <c>reset(seed)</c> makes. Not for secrets, not safe for concurrent use.
/// Source: M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms" (2014), XSL RR 128/64,
/// and numpy/random/src/distributions.
/// </summary>
public sealed class Pcg64
{
    private static readonly UInt128 Multiplier = new(0x2360ed051fc65da4, 0x4385df649fccf645);

    private UInt128 _state;
    private UInt128 _increment;

    // NextUInt32 hands out the low half of a 64-bit draw first and keeps the high half, as NumPy does.
    private uint _kept;
    private bool _hasKept;

    /// <summary>Creates a generator seeded by the operating system; each one is different.</summary>
    public Pcg64()
    {
        // Random.Shared takes its own seed from the system, without the OpenSSL that RandomNumberGenerator needs on Linux.
        Span<ulong> seed = stackalloc ulong[1];
        Random.Shared.NextBytes(MemoryMarshal.AsBytes(seed));
        Seed(seed[0]);
    }

    /// <summary>Creates the generator that NumPy's <c>default_rng(seed)</c> returns.</summary>
    /// <param name="seed">Any value.</param>
    public Pcg64(ulong seed) => Seed(seed);

    /// <summary>Starts again as if made by <see cref="Pcg64(ulong)"/>.</summary>
    public void Seed(ulong seed)
    {
        Span<ulong> words = stackalloc ulong[4];
        SeedSequence.Generate(seed, words);
        _increment = (new UInt128(words[2], words[3]) << 1) | 1;
        _state = (_increment + new UInt128(words[0], words[1])) * Multiplier + _increment;
        _kept = 0;
        _hasKept = false;
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        _state = _state * Multiplier + _increment;
        ulong high = (ulong)(_state >> 64), low = (ulong)_state;
        return ulong.RotateRight(high ^ low, (int)(high >> 58));
    }

    /// <summary>The next 32 random bits; two calls share one 64-bit draw.</summary>
    public uint NextUInt32()
    {
        if (_hasKept)
        {
            _hasKept = false;
            return _kept;
        }

        ulong bits = NextUInt64();
        _kept = (uint)(bits >> 32);
        _hasKept = true;
        return (uint)bits;
    }

    /// <summary>Uniform in [0, 1), 53 random bits: NumPy's <c>random()</c>.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>): NumPy's <c>uniform(low, high)</c>.</summary>
    public double Uniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform over 0 … <paramref name="count"/> − 1: NumPy's <c>integers(count)</c>.</summary>
    /// <param name="count">How many integers to choose from, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public int Integer(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (int)Integer((long)count);
    }

    /// <inheritdoc cref="Integer(int)"/>
    public long Integer(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);

        // One possible value draws nothing. Up to 2³² values NumPy uses 32-bit draws. Both widths use D. Lemire's
        // "Fast Random Integer Generation in an Interval" (2019), which rejects the few draws that would be uneven.
        if (count == 1)
            return 0;
        if (count == 1L << 32)
            return NextUInt32();
        if (count < 1L << 32)
        {
            uint range = (uint)count;
            ulong product = (ulong)NextUInt32() * range;
            if ((uint)product < range)
            {
                uint threshold = (uint)(-range) % range;
                while ((uint)product < threshold)
                    product = (ulong)NextUInt32() * range;
            }

            return (long)(product >> 32);
        }
        else
        {
            ulong range = (ulong)count;
            ulong high = Math.BigMul(NextUInt64(), range, out ulong low);
            if (low < range)
            {
                ulong threshold = (0UL - range) % range;
                while (low < threshold)
                    high = Math.BigMul(NextUInt64(), range, out low);
            }

            return (long)high;
        }
    }

    /// <summary>Writes everything that the coming numbers depend on.</summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write((ulong)(_state >> 64));
        writer.Write((ulong)_state);
        writer.Write((ulong)(_increment >> 64));
        writer.Write((ulong)_increment);
        writer.Write(_hasKept);
        writer.Write(_kept);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote; the numbers go on where they stood.</summary>
    /// <exception cref="InvalidDataException">The stored increment is even, which no generator has.</exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        UInt128 state = new(reader.ReadUInt64(), reader.ReadUInt64());
        UInt128 increment = new(reader.ReadUInt64(), reader.ReadUInt64());
        bool hasKept = reader.ReadBoolean();
        uint kept = reader.ReadUInt32();
        if (!UInt128.IsOddInteger(increment))
            throw new InvalidDataException("Random generator state: expected an odd increment, got an even one.");
        (_state, _increment, _hasKept, _kept) = (state, increment, hasKept, kept);
    }
}
