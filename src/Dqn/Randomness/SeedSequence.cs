namespace Dqn.Randomness;

/// <summary>
/// NumPy's <c>SeedSequence</c>: turns a small integer into well mixed words, so that neighbouring seeds start unrelated
/// generators. Source: numpy/random/bit_generator.pyx, after M. O'Neill, "Developing a seed_seq alternative" (2015).
/// </summary>
internal static class SeedSequence
{
    private const int PoolSize = 4;

    /// <summary>Fills <paramref name="words"/> as <c>SeedSequence(seed).generate_state(n, uint64)</c> does.</summary>
    public static void Generate(ulong seed, Span<ulong> words)
    {
        Span<uint> pool = stackalloc uint[PoolSize];
        Mix(seed, pool);

        const uint InitialHash = 0x8b51f9dd, Multiplier = 0x58f38ded;
        uint hash = InitialHash;
        int source = 0;
        for (int i = 0; i < words.Length; i++)
        {
            ulong low = Next(pool), high = Next(pool);
            words[i] = low | (high << 32);
        }

        uint Next(Span<uint> entropy)
        {
            uint value = entropy[source] ^ hash;
            source = (source + 1) % PoolSize;
            hash *= Multiplier;
            value *= hash;
            return value ^ (value >> 16);
        }
    }

    private static void Mix(ulong seed, Span<uint> pool)
    {
        const uint InitialHash = 0x43b0d7e5, Multiplier = 0x931e8875;
        uint hash = InitialHash;

        // The entropy is the seed's 32-bit words, low first; missing words mix in as zeros.
        pool[0] = Hash((uint)seed);
        pool[1] = Hash((uint)(seed >> 32));
        pool[2] = Hash(0);
        pool[3] = Hash(0);

        for (int source = 0; source < PoolSize; source++)
            for (int target = 0; target < PoolSize; target++)
                if (source != target)
                    pool[target] = Combine(pool[target], Hash(pool[source]));

        uint Hash(uint value)
        {
            value ^= hash;
            hash *= Multiplier;
            value *= hash;
            return value ^ (value >> 16);
        }

        static uint Combine(uint x, uint y)
        {
            uint result = 0xca01f9dd * x - 0x4973f715 * y;
            return result ^ (result >> 16);
        }
    }
}
