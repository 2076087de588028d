namespace Dqn.CarRacing;

/// <summary>
/// SDL_gfx's line clipping, which moves end points to the surface's edge in single precision and cuts fractions off, so
/// that a clipped line is not quite the unclipped line's part.
/// </summary>
internal static class LineClip
{
    private const int Left = 1, Right = 2, Below = 4, Above = 8;

    /// <summary>Clips to 0 … <paramref name="right"/> and 0 … <paramref name="bottom"/>; false if nothing is
    /// left.</summary>
    /// <remarks>The points may come back swapped.</remarks>
    public static bool Clip(ref Point from, ref Point to, int right, int bottom)
    {
        short x1 = (short)from.X, y1 = (short)from.Y, x2 = (short)to.X, y2 = (short)to.Y;
        while (true)
        {
            int code1 = Encode(x1, y1, right, bottom), code2 = Encode(x2, y2, right, bottom);
            if ((code1 | code2) == 0)
            {
                (from, to) = (new Point(x1, y1), new Point(x2, y2));
                return true;
            }

            if ((code1 & code2) != 0)
                return false;

            if (code1 == 0)
            {
                (x1, x2) = (x2, x1);
                (y1, y2) = (y2, y1);
                code1 = code2;
            }

            float slope = x2 != x1 ? (float)(y2 - y1) / (x2 - x1) : 1;
            if ((code1 & (Left | Right)) != 0)
            {
                int edge = (code1 & Left) != 0 ? 0 : right;
                y1 += (short)(int)((edge - x1) * slope);
                x1 = (short)edge;
            }
            else
            {
                int edge = (code1 & Below) != 0 ? bottom : 0;
                if (x2 != x1)
                    x1 += (short)(int)((edge - y1) / slope);
                y1 = (short)edge;
            }
        }
    }

    private static int Encode(int x, int y, int right, int bottom) =>
        (x < 0 ? Left : x > right ? Right : 0) | (y < 0 ? Above : y > bottom ? Below : 0);
}
