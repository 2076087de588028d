namespace Dqn.Networks;

/// <summary>One window of an image that lies [row, column, channel]; offsets count floats.</summary>
/// <param name="Rows">How many, at least 1.</param>
/// <param name="Columns">How many, at least 1.</param>
/// <param name="Channels">Of a pixel.</param>
/// <param name="RowStride">From one row to the next.</param>
/// <param name="Divisor">What a mean divides by.</param>
internal readonly record struct PoolWindow(int Rows, int Columns, int Channels, nint RowStride, float Divisor);
