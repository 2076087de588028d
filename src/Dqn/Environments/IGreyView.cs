namespace Dqn.Environments;

/// <summary>
/// An environment that can draw a part of its picture in grey by itself, faster than drawing all of it in colour. What it
/// writes equals what <see cref="GreyCrop"/> makes of the whole picture.
/// </summary>
public interface IGreyView
{
    /// <summary>Whether this rectangle of the picture can be drawn so.</summary>
    bool CanObserveGrey(int top, int left, int height, int width);

    /// <summary>Writes that rectangle.</summary>
    /// <param name="grey">Destination, [height, width].</param>
    void ObserveGrey(Span<byte> grey);
}
