namespace Dqn.Networks;

/// <summary>A register tile's size, known when the kernel is compiled.</summary>
internal interface ITileShape
{
    /// <summary>8, 4 or 1.</summary>
    static abstract int Rows { get; }

    /// <summary>Vectors per row: 1 or 2.</summary>
    static abstract int Vectors { get; }
}

internal readonly struct Tile8x2 : ITileShape
{
    public static int Rows => 8;

    public static int Vectors => 2;
}

internal readonly struct Tile8x1 : ITileShape
{
    public static int Rows => 8;

    public static int Vectors => 1;
}

internal readonly struct Tile4x2 : ITileShape
{
    public static int Rows => 4;

    public static int Vectors => 2;
}

internal readonly struct Tile4x1 : ITileShape
{
    public static int Rows => 4;

    public static int Vectors => 1;
}

internal readonly struct Tile1x2 : ITileShape
{
    public static int Rows => 1;

    public static int Vectors => 2;
}

internal readonly struct Tile1x1 : ITileShape
{
    public static int Rows => 1;

    public static int Vectors => 1;
}
