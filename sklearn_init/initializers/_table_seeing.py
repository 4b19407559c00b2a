"""Rows of the table: the choice, and schemes that look at the data or at the network."""

from sklearn_init.initializers._auto import Auto
from sklearn_init.initializers._best_of_draws import BestOfDraws
from sklearn_init.initializers._compensated import Compensated
from sklearn_init.initializers._directions import KMeansDirections, LinearDirections
from sklearn_init.initializers._fixed import Normal
from sklearn_init.initializers._hinges import Hinges
from sklearn_init.initializers._layer_scaling import Lsuv, WithinLayer
from sklearn_init.initializers._linear_warm_start import LinearWarmStart
from sklearn_init.initializers._nguyen_widrow import NguyenWidrow
from sklearn_init.initializers._output import LeastSquaresOutput, OutputPrior
from sklearn_init.initializers._principal import PrincipalDirections
from sklearn_init.initializers._rai import Rai
from sklearn_init.initializers._row import Row
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.initializers._swim import Swim
from sklearn_init.initializers._trees import TreeUnits

STEINWART = "Steinwart 2019, arXiv:1903.11482"
HOLZMUELLER = "Holzmüller, Steinwart 2022, arXiv:2002.04861"
KRAHENBUHL = "Krähenbühl et al. 2016, arXiv:1511.06856"

CHOICE = {
    "auto": Row(
        Auto(),
        "by activation, depth, width and solver: see below",
        "any",
        "trials: docs/benchmarks.md",
    ),
}

HINGES = {
    "nguyen_widrow": Row(
        NguyenWidrow(),
        "|w| = 0.7 m^(1/n), b in linspace(+-|w|, m), for inputs in [-1, 1]",
        "saturating units, few inputs",
        "Nguyen, Widrow 1990",
    ),
    "he+5": Row(
        Hinges(VarianceScaling(2.0)),
        "N(0, 2/n), b = -w.(random mixture of 5 rows)",
        "relu",
        STEINWART,
    ),
    "he+1": Row(
        Hinges(VarianceScaling(2.0), n_points=1),
        "N(0, 2/n), b = -w.(random row)",
        "relu",
        STEINWART,
    ),
    "kink_uniform": Row(
        Hinges(placement="uniform"), "N(0, g^2/n), b = -U(min x.w, max x.w)", "relu", HOLZMUELLER
    ),
    "kink_neg_point": Row(
        Hinges(placement="negative_point"),
        "N(0, g^2/n), b = -|w.(random row)|, w turned so that the row is at the hinge",
        "relu",
        HOLZMUELLER,
    ),
    "neg_uniform": Row(
        Hinges(placement="negative_uniform"),
        "N(0, g^2/n), b = -mean(x.w) - U(0, sqrt(3)) std(x.w)",
        "relu",
        "Holzmüller, Grinsztajn, Steinwart 2024, arXiv:2407.04491",
    ),
    "neg_mean": Row(
        Hinges(placement="mean"),
        "N(0, g^2/n), b = -mean(x.w)",
        "rows that are not centered",
        HOLZMUELLER,
    ),
    "rai": Row(
        Rai(),
        "W, b ~ N(0, 0.6007^2/n), one per unit ~ Beta(2, 1); He first",
        "deep, narrow relu",
        "Lu, Shin, Su, Karniadakis 2019, arXiv:1903.06733",
    ),
    "swim": Row(
        Swim(),
        "w along x2 - x1, z = +-log(3)/2 (tanh) or 0 and 1 (relu) at x1 and x2",
        "few rows, steep targets",
        "Bolager et al. 2023, arXiv:2306.16830",
    ),
    "kmeans": Row(
        KMeansDirections(),
        "w along the difference of two centers, hinge halfway, std(z) = g",
        "clustered rows",
        "Denoeux, Lengellé 1993; here with k-means",
    ),
    "lda": Row(
        LinearDirections(),
        "w in the discriminant directions, hinge at a random row, std(z) = g",
        "classification",
        "Masden, Sinha 2020, arXiv:2007.12782",
    ),
    "tree": Row(
        TreeUnits(),
        "w = c e_f, b = -c t for the splits (f, t) of trees; then leaves",
        "tables, saturating units",
        "Lutz et al. 2023, arXiv:2209.15283",
    ),
}

DATA_SCALING = {
    "lsuv": Row(
        Lsuv(),
        "orthogonal / std(z), over rows and units",
        "deep networks, any activation",
        "Mishkin, Matas 2016, arXiv:1511.06422",
    ),
    "within_layer": Row(
        WithinLayer(), "W_j / std(z_j), b_j = -mean(z_j) / std(z_j)", "deep networks", KRAHENBUHL
    ),
    "within_layer_pca": Row(
        WithinLayer(PrincipalDirections()),
        "within_layer of principal directions",
        "correlated inputs",
        KRAHENBUHL,
    ),
    "weightnorm": Row(
        WithinLayer(Normal()),
        "W_j / std(z_j), b_j = -mean(z_j) / std(z_j)",
        "as within_layer",
        "Salimans, Kingma 2016, arXiv:1602.07868",
    ),
    "unit_std": Row(
        WithinLayer(Normal(1.0), center=False),
        "W_j / std(z_j)",
        "inputs of any scale",
        "pytabkit, in part",
    ),
    "realmlp": Row(
        Hinges(WithinLayer(Normal(1.0), center=False)),
        "W_j / std(z_j), b_j = -w.(random mixture of 5 rows)",
        "relu, tables of any scale",
        "Holzmüller, Grinsztajn, Steinwart 2024, arXiv:2407.04491",
    ),
    "class_prior": Row(
        OutputPrior(),
        "output W = 0, b = link(mean(y)); hidden N(0, g^2/n)",
        "rare classes, targets far from 0; biases",
        "Lin et al. 2017, arXiv:1708.02002",
    ),
    "least_squares_output": Row(
        LeastSquaresOutput(),
        "output minimizes the loss; hidden N(0, g^2/n)",
        "wide hidden layers",
        "Huang, Zhu, Siew 2006",
    ),
    "ridge_output": Row(
        LeastSquaresOutput(alpha=1.0),
        "output minimizes loss + |W|^2/2; hidden N(0, g^2/n)",
        "wide hidden layers, few rows",
        "Huang, Zhu, Siew 2006",
    ),
    "swim_least_squares": Row(
        LeastSquaresOutput(Swim()),
        "hidden layers of swim, output minimizes the loss",
        "a good fit before training",
        "Bolager et al. 2023, arXiv:2306.16830",
    ),
    "linear_warm_start": Row(
        LinearWarmStart(),
        "pairs q, -q carry the fitted linear model; else N(0, g^2/n)",
        "nearly linear problems",
        "the pairs: Balduzzi 2017, arXiv:1702.08591",
    ),
    "best_of_draws": Row(
        BestOfDraws(), "the lowest loss of 10 draws of N(0, g^2/n)", "comparisons", "folklore"
    ),
}

BIASES = {
    "compensated": Row(
        Compensated(),
        "N(0, g^2/n), b = -E[phi] sum W",
        "logistic, softplus; biases",
        "derived here: logistic is tanh(z/2)/2 + 1/2",
    ),
}
