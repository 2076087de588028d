using System.Globalization;
using System.Text;
using System.Xml;

namespace Dqn.Media;

/// <summary>Draws a plot as an SVG 1.1 document.</summary>
internal sealed class SvgCanvas : IPlotCanvas, IDisposable
{
    private readonly StringBuilder _text = new();
    private readonly XmlWriter _xml;
    private readonly Dictionary<PlotArea, string> _clips = [];

    public SvgCanvas(int width, int height)
    {
        _xml = XmlWriter.Create(
            _text, new XmlWriterSettings { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n" });
        _xml.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        Write("width", width);
        Write("height", height);
        _xml.WriteAttributeString("viewBox", $"0 0 {width} {height}");
        _xml.WriteAttributeString("font-family", "Helvetica, Arial, 'Liberation Sans', sans-serif");
    }

    /// <summary>Ends the document and returns it.</summary>
    public string Finish()
    {
        _xml.WriteEndElement();
        _xml.Flush();
        return _text.Append('\n').ToString();
    }

    public void FillRectangle(PlotArea area, RgbColor color, double opacity)
    {
        _xml.WriteStartElement("rect");
        Write("x", area.Left);
        Write("y", area.Top);
        Write("width", area.Width);
        Write("height", area.Height);
        WriteFill(color, opacity);
        _xml.WriteEndElement();
    }

    public void Rule(PlotPoint from, PlotPoint to, double width, RgbColor color)
    {
        // A line one unit wide is sharp where its middle is between two units.
        double dx = from.X == to.X ? Math.Floor(from.X) + 0.5 - from.X : 0;
        double dy = from.Y == to.Y ? Math.Floor(from.Y) + 0.5 - from.Y : 0;
        _xml.WriteStartElement("line");
        Write("x1", from.X + dx);
        Write("y1", from.Y + dy);
        Write("x2", to.X + dx);
        Write("y2", to.Y + dy);
        _xml.WriteAttributeString("stroke", color.ToString());
        Write("stroke-width", width);
        _xml.WriteEndElement();
    }

    public void Polyline(
        IReadOnlyList<PlotPoint> points, double width, RgbColor color, double opacity, double dash, PlotArea clip)
    {
        string clipName = Clip(clip);
        _xml.WriteStartElement("polyline");
        WritePoints(points);
        _xml.WriteAttributeString("fill", "none");
        _xml.WriteAttributeString("stroke", color.ToString());
        Write("stroke-width", width);
        _xml.WriteAttributeString("stroke-linejoin", "round");
        if (dash > 0)
            _xml.WriteAttributeString("stroke-dasharray", $"{Number(dash)} {Number(dash * 0.75)}");
        if (opacity < 1)
            Write("stroke-opacity", opacity);
        _xml.WriteAttributeString("clip-path", clipName);
        _xml.WriteEndElement();
    }

    public void Polygon(IReadOnlyList<PlotPoint> points, RgbColor color, double opacity, PlotArea clip)
    {
        string clipName = Clip(clip);
        _xml.WriteStartElement("polygon");
        WritePoints(points);
        WriteFill(color, opacity);
        _xml.WriteAttributeString("clip-path", clipName);
        _xml.WriteEndElement();
    }

    public void Dots(IReadOnlyList<PlotPoint> centres, double radius, RgbColor color, double opacity, PlotArea clip)
    {
        string clipName = Clip(clip);
        _xml.WriteStartElement("g");
        WriteFill(color, 1);
        if (opacity < 1)
            Write("opacity", opacity); // of the group: where dots overlap they are no darker
        _xml.WriteAttributeString("clip-path", clipName);
        foreach (PlotPoint centre in centres)
        {
            _xml.WriteStartElement("circle");
            Write("cx", centre.X);
            Write("cy", centre.Y);
            Write("r", radius);
            _xml.WriteEndElement();
        }

        _xml.WriteEndElement();
    }

    public void Text(string text, PlotPoint position, TextAnchor anchor, TextStyle style, bool upwards = false)
    {
        _xml.WriteStartElement("text");
        Write("x", position.X);
        Write("y", position.Y);
        Write("font-size", style.Size);
        if (style.Bold)
            _xml.WriteAttributeString("font-weight", "bold");
        _xml.WriteAttributeString("fill", style.Color.ToString());
        if (anchor != TextAnchor.Start)
            _xml.WriteAttributeString("text-anchor", anchor == TextAnchor.Middle ? "middle" : "end");
        if (upwards)
            _xml.WriteAttributeString("transform", $"rotate(-90 {Number(position.X)} {Number(position.Y)})");
        _xml.WriteString(Legal(text));
        _xml.WriteEndElement();
    }

    public void Dispose() => _xml.Dispose();

    private string Clip(PlotArea area)
    {
        if (_clips.TryGetValue(area, out string? name))
            return name;
        string id = $"clip{_clips.Count + 1}";
        _xml.WriteStartElement("clipPath");
        _xml.WriteAttributeString("id", id);
        FillRectangle(area, default, 1);
        _xml.WriteEndElement();
        return _clips[area] = $"url(#{id})";
    }

    private void WritePoints(IReadOnlyList<PlotPoint> points) => _xml.WriteAttributeString(
        "points", string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}")));

    private void WriteFill(RgbColor color, double opacity)
    {
        _xml.WriteAttributeString("fill", color.ToString());
        if (opacity < 1)
            Write("fill-opacity", opacity);
    }

    private void Write(string name, double value) => _xml.WriteAttributeString(name, Number(value));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    // XML has no place for control characters and halves of surrogate pairs.
    private static string Legal(string text)
    {
        var legal = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            legal.Append(rune.Value is < 0x20 or 0xFFFE or 0xFFFF ? " " : rune.ToString());
        return legal.ToString();
    }
}
